"use strict";
// Long tables are searched, sorted and shown in part. Without this script they are whole.
const SHOWN = 50, SEARCHED = 8;
const order = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function enhance(table) {
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => ({ row, text: row.textContent.toLowerCase() }));
  const region = table.closest(".wide") || table;
  const name = document.getElementById(region.getAttribute("aria-labelledby"))?.textContent || "table";
  let sought = "", whole = rows.length <= SHOWN, sorted = rows;

  const bar = document.createElement("p");
  bar.className = "tools";
  const count = document.createElement("span");
  count.setAttribute("role", "status");
  const more = document.createElement("button");
  more.type = "button";
  more.addEventListener("click", () => { whole = !whole; show(); });
  if (rows.length > SEARCHED) {
    const label = document.createElement("label");
    const input = document.createElement("input");
    input.type = "search";
    input.setAttribute("aria-label", `Search in ${name}`);
    input.addEventListener("input", () => { sought = input.value.trim().toLowerCase(); show(); });
    label.append("Search ", input);
    bar.append(label, " ", count, " ", more);
    region.before(bar);
  }

  function show() {
    const words = sought.split(/\s+/);
    const found = sorted.filter(({ text }) => words.every((word) => text.includes(word)));
    const seen = new Set(whole ? found : found.slice(0, SHOWN));
    for (const each of sorted) each.row.hidden = !seen.has(each);
    count.textContent = `${seen.size} of ${rows.length} rows`;
    more.hidden = found.length <= SHOWN;
    more.textContent = whole ? `Show ${SHOWN}` : `Show all ${found.length}`;
  }

  function sort(column, header) {
    const down = header.getAttribute("aria-sort") === "ascending";
    for (const each of table.tHead.rows[0].cells) each.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", down ? "descending" : "ascending");
    const key = ({ row }) => {
      const cell = row.cells[column], text = cell.dataset.sort ?? cell.textContent.trim();
      return text === "–" ? "" : text;
    };
    const compare = (a, b) => {
      const left = key(a), right = key(b);
      if (!left || !right) return Number(!left) - Number(!right);  // nothing comes last
      const gap = Number.isNaN(Number(left)) || Number.isNaN(Number(right))
        ? order.compare(left, right) : left - right;
      return down ? -gap : gap;
    };
    sorted = [...rows].sort(compare);
    body.append(...sorted.map(({ row }) => row));
    show();
  }

  [...table.tHead.rows[0].cells].forEach((header, column) => {
    if (header.hasAttribute("aria-hidden") || rows.length < 2) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    button.addEventListener("click", () => sort(column, header));
    header.append(button);
  });
  show();
  addEventListener("beforeprint", () => rows.forEach(({ row }) => { row.hidden = false; }));
  addEventListener("afterprint", show);
}

document.querySelectorAll("table.sortable").forEach(enhance);

function unfold() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (target) for (const each of target.querySelectorAll(":scope > details")) each.open = true;
}
addEventListener("hashchange", unfold);
unfold();
const folded = document.getElementsByTagName("details");
addEventListener("beforeprint", () => {
  for (const each of folded) { each.dataset.was = each.open; each.open = true; }
});
addEventListener("afterprint", () => {
  for (const each of folded) each.open = each.dataset.was === "true";
});
