// What Streamlit leaves to the page: the language it is in, Streamlit's own words in it, keys.
// `data` has the language's tag, pairs of Streamlit's words and ours, and the attributes to set.

const TOLD = ["aria-label", "placeholder", "title"];
// Documents' words are nobody's to translate.
const DOCUMENTS = ".kb-text, .kb-clause, .kb-pages, .kb-where, .kb-place, .kb-lineage, code";

function translator(words) {
  const known = new Map(words.filter(([from]) => !from.includes("*")));
  const forms = words.filter(([from]) => from.includes("*")).map(([from, to]) => {
    const parts = from.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
    return [new RegExp(`^${parts.join("(.+?)")}$`, "s"), to];
  });
  return (said) => {
    const plain = said.trim();
    if (known.has(plain)) return known.get(plain);
    for (const [form, to] of forms) {
      const found = form.exec(plain);
      if (found) return found.slice(1).reduce((text, part) => text.replace("*", part), to);
    }
    return null;
  };
}

function translate(root, say) {
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = texts.currentNode; node; node = texts.nextNode()) {
    if (node.nodeType !== Node.TEXT_NODE) continue;
    const said = say(node.data);
    if (said !== null && !node.parentElement?.closest(DOCUMENTS)) node.data = said;
  }
  if (root.nodeType !== Node.ELEMENT_NODE) return;
  for (const element of [root, ...root.querySelectorAll("[aria-label], [placeholder], [title]")]) {
    for (const name of TOLD) {
      const said = element.hasAttribute(name) ? say(element.getAttribute(name)) : null;
      if (said !== null) element.setAttribute(name, said);
    }
  }
}

// Streamlit tells only its own root which theme it shows; menus and dialogs are beside that.
function themed() {
  const app = document.querySelector(".stApp");
  const scheme = app ? getComputedStyle(app).colorScheme : "";
  if (scheme && scheme !== "normal") document.documentElement.style.colorScheme = scheme;
}

let centred = null;

// On a phone the bar is wider than the screen, and has its width only when its icons are there.
function centre(bar, link) {
  centred?.disconnect();
  centred = new ResizeObserver(() => {
    const [outer, inner] = [bar.getBoundingClientRect(), link.getBoundingClientRect()];
    bar.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2;
  });
  for (const part of [bar, ...bar.querySelectorAll("a")]) centred.observe(part);
  // From then on it is the reader who moves it.
  for (const kind of ["pointerdown", "wheel"]) {
    bar.addEventListener(kind, () => centred.disconnect(), { once: true, passive: true });
  }
}

function typing(target) {
  return target.closest?.("input, textarea, select, [contenteditable='true']") != null;
}

const FIELDS = ["ask-question", "search-q", "clauses-text", "library-words"];
// Whether the page that is coming has a field to go to.
let sought = false;

function find() {
  const field = document.querySelector(FIELDS.map((key) => `.st-key-${key} input`).join(", "));
  if (!field) return false;
  sought = false;
  field.focus();
  field.select();
  return true;
}

function onKey(event) {
  const wanted = (event.key === "/" && !typing(event.target) && !event.ctrlKey && !event.altKey)
    || (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey);
  if (wanted && !event.isComposing) {
    event.preventDefault();
    event.stopPropagation();
    if (find()) return;
    sought = event.key !== "/";
    if (sought) document.querySelector(".st-key-pages a[href*='search']")?.click();
    return;
  }
  // In a page that is wider than its frame, the arrows move the page and do not turn it.
  const frame = event.target.closest?.(".kb-pages");
  if (frame && event.key.startsWith("Arrow") && frame.scrollWidth > frame.clientWidth) {
    event.stopPropagation();
  }
}

// Streamlit calls this again with other data, and what it returned only when the page is left.
let stop = () => {};

export default function ({ data }) {
  stop();
  document.documentElement.lang = data.lang;
  const say = translator(data.words);
  const told = (root) => {
    translate(root, say);
    for (const link of document.querySelectorAll(".st-key-pages a")) {
      // The first page's address is empty but for the language: the folder of the others.
      const href = link.getAttribute("href") || "";
      const to = new URL(/^[^?#]/.test(href) ? href : `./${href}`, location.href);
      const here = to.pathname === location.pathname;
      if (here === (link.getAttribute("aria-current") === "page")) continue;
      if (here) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
      if (here) centre(link.closest(".st-key-pages"), link);
    }
  };
  const observer = new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === "childList") addedNodes.forEach(told);
      else told(target);
    }
    if (sought) find();
    themed();
  });
  told(document.body);
  themed();
  observer.observe(document.body, {
    subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: TOLD,
  });
  window.addEventListener("keydown", onKey, true);
  stop = () => {
    observer.disconnect();
    window.removeEventListener("keydown", onKey, true);
  };
  return stop;
}
