// Fill fixed-height pages block by block and put each footnote on its reference's page:
// Chromium has no CSS footnotes.
const SLACK = 4;  // pixels by which a line's box may reach into the one above
const template = document.getElementById("running");
const blocks = [...document.querySelectorAll("body > header, main > *")];
let page, flow, notes;

function newPage() {
  page = document.createElement("section");
  page.className = "page";
  const number = document.querySelectorAll(".page").length + 1;
  page.innerHTML = `<div class="running">${template.innerHTML}</div><div class="flow"></div>` +
    `<div class="notes"></div><p class="folio">${number}</p>`;
  document.body.append(page);
  flow = page.querySelector(".flow");
  notes = page.querySelector(".notes");
}

function refreshNotes() {
  notes.replaceChildren(...[...flow.querySelectorAll("sup.ref")].map((ref) => {
    const note = document.createElement("p");
    note.textContent = ref.dataset.note;
    return note;
  }));
}

function fits() {
  refreshNotes();
  const last = flow.lastElementChild.getBoundingClientRect().bottom;
  const gap = notes.childElementCount ? 10 : 0;
  return last + gap <= Math.min(flow.getBoundingClientRect().bottom, notes.getBoundingClientRect().top);
}

function sliced(block, from, to) {
  const copy = block.cloneNode(true);
  const walker = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT);
  let start = 0, node;
  while ((node = walker.nextNode())) {
    const length = node.length;
    node.data = node.data.slice(Math.max(0, from - start), Math.max(0, to - start));
    start += length;
  }
  copy.querySelectorAll("sup, b, strong").forEach((e) => e.textContent || e.remove());
  return copy;
}

function lineStarts(block) {
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  const range = document.createRange(), starts = [];
  let offset = 0, bottom = -Infinity, node;
  while ((node = walker.nextNode())) {
    for (let index = 0; index < node.length; index += 1) {
      range.setStart(node, index);
      range.setEnd(node, index + 1);
      const box = range.getBoundingClientRect();
      if (box.top > bottom - SLACK) starts.push(offset + index);
      bottom = Math.max(bottom, box.bottom);
    }
    offset += node.length;
  }
  return starts;
}

// Cut a paragraph at a line's end, leaving two lines or more on either page.
function split(block) {
  flow.append(block);
  const starts = lineStarts(block);
  block.remove();
  for (let line = starts.length - 2; line >= 2; line -= 1) {
    const head = sliced(block, 0, starts[line]);
    head.classList.add("whole");
    flow.append(head);
    if (fits()) {
      const rest = sliced(block, starts[line], Infinity);
      rest.classList.add("rest");
      return rest;
    }
    head.remove();
  }
  return false;
}

function keepsWithNext(element) {
  return element && (/^H[23]$/.test(element.tagName) || element.className === "caption");
}

function place(block) {
  flow.append(block);
  if (fits()) return;
  block.remove();
  const rest = block.tagName === "P" && !block.className ? split(block) : false;
  const carried = [];
  while (!rest && keepsWithNext(flow.lastElementChild)) {
    carried.unshift(flow.lastElementChild);
    flow.lastElementChild.remove();
  }
  refreshNotes();
  newPage();
  flow.append(...carried);
  place(rest || block);
}

document.fonts.ready.then(() => {
  document.querySelector("main").remove();
  newPage();
  blocks.forEach(place);
  template.remove();
});
