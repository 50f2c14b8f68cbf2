// Resumable hand-in of a recording: a form with data-uploads sends its file in pieces first, then itself with the upload's token.
//
// Without this script the same form sends the file with itself. What was cut off (a lost line, a closed lid, a reload with the same
// file) goes on where it stopped, for 48 hours.
"use strict";

(() => {
  const PIECE = 8 * 1024 * 1024;
  const size = (bytes) => (bytes >= 1 << 30 ? `${(bytes / (1 << 30)).toFixed(1)} GB` : bytes >= 1 << 20 ? `${(bytes / (1 << 20)).toFixed(1)} MB` : `${Math.ceil(bytes / 1024)} KB`);
  const wait = (seconds) => (seconds >= 90 ? `约${Math.ceil(seconds / 60)}分钟` : `约${Math.max(1, Math.ceil(seconds))}秒`);

  const prepare = (form) => {
    const box = form.querySelector("[data-upload-progress]");
    const bar = box.querySelector("progress");
    const words = box.querySelector("[data-upload-words]");
    const pause = box.querySelector("[data-upload-pause]");
    const submit = form.querySelector("[type=submit]");
    const token = form.elements.namedItem("upload");
    const picker = form.elements.namedItem("file");
    let upload = null;
    let running = false;

    const say = (text, bad = false) => {
      words.textContent = text;
      words.classList.toggle("red", bad);
    };

    const stopped = (text) => {
      running = false;
      pause.hidden = false;
      pause.textContent = "继续上传";
      submit.disabled = false;
      say(text, true);
    };

    const refusal = (error) => {
      const answer = error.originalResponse;
      const text = answer && answer.getBody();
      if (answer && answer.getStatus() !== 0 && text && text.length < 200 && !text.startsWith("<")) return text;
      return "网络中断，已收到的部分都在，可以继续上传";
    };

    const send = (file) => {
      let began = Date.now();
      let first = null;
      box.hidden = false;
      pause.hidden = false;
      pause.textContent = "暂停";
      submit.disabled = true;
      running = true;
      say("正在准备");
      upload = new tus.Upload(file, {
        endpoint: form.dataset.uploads,
        chunkSize: PIECE,
        retryDelays: [0, 1000, 3000, 8000, 20000],
        metadata: { filename: file.name },
        headers: { "X-CSRFToken": form.elements.namedItem("csrfmiddlewaretoken").value },
        removeFingerprintOnSuccess: true,
        onProgress: (sent, total) => {
          if (first === null) {
            first = sent;
            began = Date.now();
          }
          const rate = (sent - first) / Math.max(1, Date.now() - began);
          bar.value = total ? sent / total : 1;
          say(`已上传${Math.floor((sent / Math.max(1, total)) * 100)}%（${size(sent)}，共${size(total)}）${rate > 0 && sent < total ? `，还要${wait((total - sent) / rate / 1000)}` : ""}`);
        },
        onError: (error) => stopped(refusal(error)),
        onSuccess: () => {
          running = false;
          bar.value = 1;
          pause.hidden = true;
          say("已传完，正在核算摘要并入库，请不要关闭页面");
          token.value = upload.url.replace(/\/$/, "").split("/").pop();
          picker.disabled = true;
          form.submit();
        },
      });
      upload.findPreviousUploads().then((earlier) => {
        if (earlier.length) upload.resumeFromPreviousUpload(earlier[0]);
        upload.start();
      });
    };

    pause.addEventListener("click", () => {
      if (running) {
        upload.abort();
        running = false;
        pause.textContent = "继续上传";
        say("已暂停，已收到的部分都在");
      } else {
        running = true;
        pause.textContent = "暂停";
        submit.disabled = true;
        upload.start();
      }
    });

    picker.addEventListener("change", () => {
      token.value = "";
      if (upload && running) upload.abort();
      running = false;
      box.hidden = true;
      submit.disabled = false;
    });

    form.addEventListener("submit", (event) => {
      const file = picker.files[0];
      // Nothing chosen, an empty file, or already there: the form says it itself.
      if (token.value || !file || file.size === 0 || !tus.isSupported) return;
      event.preventDefault();
      send(file);
    });

    window.addEventListener("beforeunload", (event) => {
      if (running) event.preventDefault();
    });
  };

  for (const form of document.querySelectorAll("form[data-uploads]")) prepare(form);
})();
