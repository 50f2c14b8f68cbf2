// Verifies one file's ledger lines in the reader's own browser: each line's hash, the links between lines, and each line's place in the
// published seal. Plain http has no crypto.subtle, so the hash is the vendored js-sha256 (static/vendor/sha256.min.js, loaded first).
// Without JavaScript the page keeps what the server wrote, which points to the page of plain commands.
//
// What the page provides (core.ledger.proof_sheet(stream) makes the JSON; {{ sheet|json_script:"ledger-proof" }} embeds it):
//
//   <script type="application/json" id="ledger-proof">
//     {"stream": "notice:3",
//      "seal": null | {"format": "mingcha-seal/1", "size", "root", "previous", "sealed_at", "hash"},
//      "entries": [{"seq", "body", "prev_hash", "hash", "proof": null | {"log_index", "path": [hex, nearest first]}}, ...]}
//   </script>
//   <td data-ledger-line="1">…</td>      one for each entry, by seq; its content is replaced by the verdict
//   <p data-ledger-verdict>…</p>          the verdict on the whole file; announced to screen readers (role=status is set here)
//
// hash = sha256(prev_hash \n stream \n seq \n body), the first prev_hash is 64 zeros; seal.hash = sha256(previous \n size \n root \n sealed_at);
// leaf = sha256(0x00 ‖ hash), node = sha256(0x01 ‖ left ‖ right), hashes as their 32 bytes (RFC 6962; inclusion as in RFC 9162, 2.1.3.2).
// Each element gets data-verdict = "verified" | "pending" | "broken". The page's event "ledger:verified" carries {verified, pending, broken}.
"use strict";

(() => {
  const GENESIS = "0".repeat(64);
  const VERDICTS = {
    verified: { chip: "chip--met", icon: "M3 8.6l3.2 3.2L13 4.8" },
    pending: { chip: "chip--open", icon: "M8 1.8a6.2 6.2 0 1 0 0 12.4a6.2 6.2 0 1 0 0-12.4M8 4.4V8l2.4 1.6" },
    broken: { chip: "chip--overdue", icon: "M5.4 1.8h5.2l3.6 3.6v5.2l-3.6 3.6H5.4l-3.6-3.6V5.4zM8 4.8v3.8M8 11.1v.1" },
  };

  const lines = (...parts) => sha256(parts.join("\n"));
  const bytes = (hex) => hex.match(/../g).map((pair) => parseInt(pair, 16));
  const leafHash = (hash) => sha256([0, ...bytes(hash)]);
  const nodeHash = (left, right) => sha256([1, ...bytes(left), ...bytes(right)]);

  // Sizes stay exact numbers far beyond 32 bits, where bit operators would not.
  const half = (number) => Math.floor(number / 2);
  const odd = (number) => number % 2 === 1;

  function included(hash, proof, seal) {
    let place = proof.log_index;
    let last = seal.size - 1;
    let node = leafHash(hash);
    if (!(place >= 0 && place <= last)) return false;
    for (const sibling of proof.path) {
      if (last === 0) return false;
      if (odd(place) || place === last) {
        node = nodeHash(sibling, node);
        while (!odd(place) && place !== 0) [place, last] = [half(place), half(last)];
      } else {
        node = nodeHash(node, sibling);
      }
      [place, last] = [half(place), half(last)];
    }
    return last === 0 && node === seal.root;
  }

  // The verdict on each line, in order. A line stands on all lines before it: after the first break nothing is verified.
  function verify({ stream, seal, entries }) {
    const sealHolds = seal !== null && lines(seal.previous, seal.size, seal.root, seal.sealed_at) === seal.hash;
    let previous = GENESIS;
    let whole = true;
    return entries.map((entry, position) => {
      let verdict = "verified";
      let why = "已验证";
      const fail = (reason) => [verdict, why] = ["broken", `不一致：${reason}`];
      if (!whole) fail("前面的行已不一致");
      else if (entry.seq !== position + 1) fail(`第${position + 1}行缺失`);
      else if (entry.prev_hash !== previous) fail("与前一行不相接");
      else if (lines(entry.prev_hash, stream, entry.seq, entry.body) !== entry.hash) fail("内容与摘要不符");
      else if (entry.proof === null) [verdict, why] = ["pending", "将于今日封存后可验证"];
      else if (!sealHolds) fail("封存与其摘要不符");
      else if (!included(entry.hash, entry.proof, seal)) fail("不在已公布的封存之中");
      previous = entry.hash;
      whole = verdict !== "broken";
      return { seq: entry.seq, verdict, why };
    });
  }

  function show(element, verdict, text) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    const chip = document.createElement("span");
    svg.setAttribute("class", "i");
    svg.setAttribute("viewBox", "0 0 16 16");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", VERDICTS[verdict].icon);
    svg.append(path);
    chip.className = `chip ${VERDICTS[verdict].chip}`;
    chip.append(svg, text);
    element.dataset.verdict = verdict;
    element.replaceChildren(chip);
  }

  function summary(counts, seal) {
    if (counts.broken) return `不一致：${counts.broken} 行与记录链或者封存不符`;
    if (!counts.verified) return `${counts.pending} 行首尾相接，将于今日封存后可验证`;
    const waiting = counts.pending ? `，另 ${counts.pending} 行将于今日封存后可验证` : "";
    return `已验证：${counts.verified} 行均在 ${seal.sealed_at.slice(0, 10)} 的封存之中${waiting}`;
  }

  function verifyPage() {
    const data = document.getElementById("ledger-proof");
    if (data === null) return;
    const sheet = JSON.parse(data.textContent);
    const counts = { verified: 0, pending: 0, broken: 0 };
    for (const { seq, verdict, why } of verify(sheet)) {
      counts[verdict] += 1;
      for (const element of document.querySelectorAll(`[data-ledger-line="${seq}"]`)) show(element, verdict, why);
    }
    const verdict = counts.broken ? "broken" : counts.verified ? "verified" : "pending";
    for (const element of document.querySelectorAll("[data-ledger-verdict]")) {
      element.setAttribute("role", "status");
      if (sheet.entries.length) show(element, verdict, summary(counts, sheet.seal));
    }
    document.dispatchEvent(new CustomEvent("ledger:verified", { detail: counts }));
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", verifyPage);
  else verifyPage();
})();
