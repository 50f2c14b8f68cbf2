// Compares the public text with the digest in the ledger line that published it. verify.js verifies that line itself; this says that the
// text on the page is the one the line speaks of. Loaded before verify.js, whose event it waits for. Needs vendor/sha256.min.js, #notice-text ({canonical, sha256}) and #ledger-proof.
"use strict";

document.addEventListener("ledger:verified", ({ detail }) => {
  const verdict = document.querySelector("[data-text-verdict]");
  const text = document.getElementById("notice-text");
  const sheet = document.getElementById("ledger-proof");
  if (verdict === null || text === null || sheet === null) return;
  const published = JSON.parse(sheet.textContent)
    .entries.map((entry) => JSON.parse(entry.body))
    .filter((body) => body.fact === "disclosure.published")
    .pop();
  const { canonical } = JSON.parse(text.textContent);
  const fields = JSON.parse(canonical);
  const bare = (words) => words.replace(/\s+/g, "");
  const page = bare(document.querySelector(".decision").textContent);
  const shown = ["CF_XDR_MC", "CF_WSH", "CF_WFXW", "CF_SY", "CF_YJ", "CF_NR"].every((code) => page.includes(bare(fields[code])));
  const same = shown && published !== undefined && published.payload.text_digest === sha256(canonical) && detail.broken === 0;
  verdict.hidden = false;
  verdict.setAttribute("role", "status");
  verdict.dataset.verdict = same ? "verified" : "broken";
  verdict.className = same ? "small green" : "red";
  verdict.textContent = same ? "公示文本与公示时登记的摘要一致。" : "公示文本与公示时登记的摘要不一致。";
});
