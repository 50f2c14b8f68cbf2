// Drafts: what is typed into a form with data-draft-key stays in this browser until the form was accepted.
//
// Kept per official (body data-official), for seven days; signing out removes them, for office machines are shared.
// Never kept: files, passwords, hidden fields. A form answered with its errors (data-bound) already holds what was typed.
// Never brought back: what nobody touched. A moment that was offered as "now" is not now any more when the draft comes back.
"use strict";

(() => {
  const official = document.body.dataset.official;
  const KEEP_DAYS = 7;
  const SENT = "mc-draft-sent";
  const prefix = `mc-draft:${official}:`;

  let store;
  try {
    store = window.localStorage;
    store.getItem(SENT);
  } catch {
    return; // storage is switched off: forms work as they do without this script
  }
  const sent = window.sessionStorage.getItem(SENT);
  window.sessionStorage.removeItem(SENT);
  if (!official) return; // signed out, or an error page: whatever was sent was not accepted, its draft stays

  const kept = (control) => control.name && !["file", "password", "hidden", "submit", "button"].includes(control.type);
  const controls = (form) => Array.from(form.elements).filter(kept);

  const read = (form) =>
    controls(form).map((c) => [c.name, c.type === "checkbox" || c.type === "radio" ? [c.value, c.checked] : c.multiple ? Array.from(c.selectedOptions, (o) => o.value) : c.value]);

  const fill = (form, values) => {
    const pending = controls(form);
    for (const [name, value, touched = true] of values) {
      const choice = Array.isArray(value) && typeof value[1] === "boolean";
      const index = pending.findIndex((c) => c.name === name && (!choice || c.value === value[0]));
      if (index < 0) continue;
      const [control] = pending.splice(index, 1);
      if (!touched) continue;
      if (choice) control.checked = value[1];
      else if (Array.isArray(value)) for (const option of control.options) option.selected = value.includes(option.value);
      else control.value = value;
    }
  };

  const load = (key) => {
    try {
      return JSON.parse(store.getItem(key));
    } catch {
      return null;
    }
  };

  const forgetOld = () => {
    const oldest = Date.now() - KEEP_DAYS * 86_400_000;
    for (const key of Object.keys(store)) {
      if (key.startsWith("mc-draft:") && !(load(key)?.at > oldest)) store.removeItem(key);
    }
  };

  const note = (form, key, at, initial) => {
    const box = document.createElement("div");
    box.className = "draft-note";
    box.setAttribute("role", "status");
    const when = new Date(at).toLocaleString("zh-CN", { month: "long", day: "numeric", hour: "2-digit", minute: "2-digit" });
    box.append(`已恢复未提交的草稿（${when}保存）`);
    const discard = document.createElement("button");
    discard.type = "button";
    discard.className = "link-button";
    discard.textContent = "不用草稿";
    discard.addEventListener("click", () => {
      fill(form, initial);
      store.removeItem(key);
      box.remove();
    });
    box.append(discard);
    form.prepend(box);
  };

  // A form that was sent was accepted when it led to another page of this official, or to itself with a word of success.
  const forms = Array.from(document.querySelectorAll("form[data-draft-key]"));
  const keyOf = (form) => prefix + form.dataset.draftKey;
  if (sent && document.referrer.startsWith(window.location.origin) && !document.querySelector("[data-keep-drafts]")) {
    const again = forms.find((form) => keyOf(form) === sent);
    if (!again || (!("bound" in again.dataset) && document.querySelector(".notes .alert--green"))) store.removeItem(sent);
  }
  // Coming back to the form by the browser's own way says nothing about what was sent from it.
  window.addEventListener("pageshow", (event) => event.persisted && window.sessionStorage.removeItem(SENT));
  forgetOld();

  // What was typed last is saved a moment later; whoever leaves the page before that moment loses nothing.
  const unsaved = new Map();
  const saveNow = (form) => {
    const waiting = unsaved.get(form);
    if (!waiting) return;
    unsaved.delete(form);
    window.clearTimeout(waiting.timer);
    waiting.save();
  };
  window.addEventListener("pagehide", () => [...unsaved.keys()].forEach(saveNow));

  for (const form of forms) {
    const key = keyOf(form);
    const initial = read(form);
    const draft = load(key);
    const earlier = "bound" in form.dataset && draft ? draft.values : [];
    const marked = () => read(form).map(([name, value], i) => [name, value, Boolean(earlier[i]?.[2]) || JSON.stringify(value) !== JSON.stringify(initial[i]?.[1])]);
    if (draft && !("bound" in form.dataset) && draft.values.some(([, , touched = true]) => touched)) {
      fill(form, draft.values);
      note(form, key, draft.at, initial);
    }
    const save = () => {
      try {
        store.setItem(key, JSON.stringify({ at: Date.now(), values: marked() }));
      } catch {
        // the store is full: what was typed is still in the form
      }
    };
    form.addEventListener("input", () => {
      window.clearTimeout(unsaved.get(form)?.timer);
      unsaved.set(form, { save, timer: window.setTimeout(() => saveNow(form), 400) });
    });
    form.addEventListener("submit", () => {
      unsaved.set(form, { save });
      saveNow(form);
      window.sessionStorage.setItem(SENT, key);
    });
  }

  document.querySelector("form[data-sign-out]")?.addEventListener("submit", () => {
    for (const { timer } of unsaved.values()) window.clearTimeout(timer);
    unsaved.clear();
    for (const key of Object.keys(store)) if (key.startsWith(prefix)) store.removeItem(key);
  });
})();
