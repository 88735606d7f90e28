/* <policykb-search endpoint="https://kb.example.org" key="…"></policykb-search>
 *
 * A search box over a policykb service: suggestions, results with title, page and marked passage,
 * and cited answers. No dependency, one file. Everything the service sends is set as text, never
 * as markup, and styles are a constructed sheet, so a page with a strict content security policy
 * (script-src and connect-src naming the service, no 'unsafe-inline') can use it as it is; for page
 * pictures the policy needs `img-src blob:`.
 *
 * Attributes  endpoint  the service's address            key       an API key with scope "read"
 *             lang      zh | en (default: the page's)    mode      both | search | ask
 *             k         results to show (default 10)     document, type, issuer, ministry  filters
 * Events      policykb-results {query, hits}             policykb-answer {question, answered}
 *             policykb-select  {hit}
 * Theme       --policykb-accent, -text, -muted, -background, -surface, -border, -mark, -radius, -font
 */

(() => {
"use strict";

const WORDS = {
  zh: {
    label: "检索政策与研究文件", placeholder: "输入问题或关键词", go: "检索", ask: "提问", search: "检索",
    mode: "方式", searching: "正在检索…", asking: "正在查找依据…", found: (n) => `找到 ${n} 段`,
    nothing: "没有找到相关段落。", refused: "文件中没有足够依据。", nearest: "最接近的段落：",
    sources: "出处", page: (n) => `第 ${n} 页`, clause: (n) => `条款 ${n}`, picture: "查看原页",
    hide: "收起原页", pictureOf: (t, n) => `《${t}》第 ${n} 页`, failed: "请求没有成功：",
    unreachable: "无法连接到服务。", slow: "请求过于频繁，请稍后再试。", suggestions: "联想词",
  },
  en: {
    label: "Search policy and research documents", placeholder: "A question or keywords", go: "Go",
    ask: "Ask", search: "Search", mode: "Mode", searching: "Searching…", asking: "Looking for evidence…",
    found: (n) => `${n} passage${n === 1 ? "" : "s"} found`, nothing: "No passage matches.",
    refused: "The documents hold no sufficient evidence.", nearest: "The nearest passages:",
    sources: "Sources", page: (n) => `page ${n}`, clause: (n) => `clause ${n}`, picture: "Show the page",
    hide: "Hide the page", pictureOf: (t, n) => `${t}, page ${n}`, failed: "The request failed: ",
    unreachable: "The service cannot be reached.", slow: "Too many requests; try again shortly.",
    suggestions: "Suggestions",
  },
};

const STYLE = `
:host { display: block; color: var(--policykb-text, CanvasText); font: 16px/1.7 var(--policykb-font,
  system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif); }
:host([hidden]) { display: none; }
* { box-sizing: border-box; }
form { position: relative; display: flex; flex-wrap: wrap; gap: .5rem; }
.field { position: relative; flex: 1 1 14rem; }
input[type=search] { width: 100%; font: inherit; padding: .5em .75em; color: inherit;
  background: var(--policykb-background, Canvas);
  border: 1px solid var(--policykb-border, #8a8f98); border-radius: var(--policykb-radius, 8px); }
button { font: inherit; cursor: pointer; border-radius: var(--policykb-radius, 8px); }
.go { padding: .5em 1.2em; border: 1px solid transparent; color: #fff;
  background: var(--policykb-accent, #1558b0); }
.modes { display: inline-flex; border: 1px solid var(--policykb-border, #8a8f98); margin: 0; padding: 0;
  border-radius: var(--policykb-radius, 8px); overflow: hidden; }
.modes label { padding: .5em .9em; cursor: pointer; }
.modes label:has(:checked) { background: var(--policykb-accent, #1558b0); color: #fff; }
.modes label:has(:focus-visible), .go:focus-visible, input:focus-visible, .plain:focus-visible {
  outline: 3px solid color-mix(in srgb, var(--policykb-accent, #1558b0) 45%, transparent);
  outline-offset: 1px; }
.modes input, .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap; }
[role=listbox] { position: absolute; z-index: 5; inset: 100% 0 auto 0; margin: 2px 0 0; padding: .25rem 0;
  list-style: none; background: var(--policykb-background, Canvas); max-height: 18rem; overflow: auto;
  border: 1px solid var(--policykb-border, #8a8f98); border-radius: var(--policykb-radius, 8px);
  box-shadow: 0 6px 24px rgb(0 0 0 / .15); }
[role=option] { padding: .3em .75em; cursor: pointer; }
[role=option][aria-selected=true] { background: color-mix(in srgb, var(--policykb-accent, #1558b0) 14%, transparent); }
.status { min-height: 1.7em; margin: .5rem 0; color: var(--policykb-muted, #5b616b); }
.status.wrong { color: #b3261e; }
ol { list-style: none; margin: 0; padding: 0; display: grid; gap: .75rem; }
.hit { padding: .8rem 1rem; background: var(--policykb-surface, color-mix(in srgb, currentColor 4%, transparent));
  border: 1px solid color-mix(in srgb, var(--policykb-border, #8a8f98) 45%, transparent);
  border-radius: var(--policykb-radius, 8px); overflow-wrap: anywhere; }
.title { font-weight: 600; margin: 0; font-size: 1em; }
.place, .note { color: var(--policykb-muted, #5b616b); font-size: .875em; }
.text { margin: .35rem 0 0; white-space: pre-wrap; text-align: justify; }
.text.long { max-height: 10.2em; overflow: auto; }
mark { background: var(--policykb-mark, #ffe58a); color: #1a1a1a; border-radius: 2px; }
.plain { border: 0; background: none; color: var(--policykb-accent, #1558b0); padding: .2em 0; font-size: .9em; }
img { display: block; max-width: 100%; margin-top: .5rem; border: 1px solid var(--policykb-border, #8a8f98); }
.answer { white-space: pre-wrap; margin: 0 0 1rem; }
sup { color: var(--policykb-accent, #1558b0); font-size: .8em; }
h3 { font-size: .95em; margin: 1rem 0 .5rem; }
@media (prefers-color-scheme: dark) { .status.wrong { color: #ff8a80; } }
@media (prefers-reduced-motion: no-preference) { [role=option] { transition: background .1s; } }
`;

const FILTERS = ["document", "type", "issuer", "ministry"];
const SUGGEST_AFTER_MS = 120;
const TIMEOUT_MS = 30000;

const make = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
};

/* Offsets from the service count Unicode characters; JavaScript's strings count UTF-16 units. */
const withMarks = (text, marks) => {
  const characters = Array.from(text);
  const out = [];
  let at = 0;
  for (const [start, end] of marks ?? []) {
    if (start < at || end > characters.length) continue;
    out.push(characters.slice(at, start).join(""), make("mark", {}, characters.slice(start, end).join("")));
    at = end;
  }
  out.push(characters.slice(at).join(""));
  return out;
};

class PolicykbSearch extends HTMLElement {
  static observedAttributes = ["lang", "mode", "placeholder"];

  #root = this.attachShadow({ mode: "open", delegatesFocus: true });
  #running = null;
  #suggesting = null;
  #timer = 0;
  #pictures = new Set();

  constructor() {
    super();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    this.#root.adoptedStyleSheets = [sheet];
  }

  connectedCallback() { this.#draw(); }

  disconnectedCallback() {
    this.#running?.abort();
    this.#suggesting?.abort();
    clearTimeout(this.#timer);
    this.#forgetPictures();
  }

  attributeChangedCallback() { if (this.isConnected) this.#draw(); }

  /** Search (or ask, in mode "ask") as if the reader had typed it. */
  run(query) {
    this.#input.value = query;
    return this.#submit();
  }

  get #words() {
    const lang = this.getAttribute("lang") || this.closest("[lang]")?.lang || document.documentElement.lang;
    return lang && !lang.toLowerCase().startsWith("zh") ? WORDS.en : WORDS.zh;
  }

  get #input() { return this.#root.querySelector("input[type=search]"); }
  get #list() { return this.#root.querySelector("[role=listbox]"); }
  get #status() { return this.#root.querySelector(".status"); }
  get #output() { return this.#root.querySelector(".output"); }

  get #asks() {
    const mode = this.getAttribute("mode") || "both";
    return mode === "ask" || (mode === "both" && this.#root.querySelector("input[value=ask]").checked);
  }

  #draw() {
    const words = this.#words;
    const typed = this.#input?.value ?? "";
    const both = (this.getAttribute("mode") || "both") === "both";
    const input = make("input", {
      type: "search", role: "combobox", autocomplete: "off", maxlength: 4000, enterkeyhint: "search",
      "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "suggestions",
      "aria-label": words.label, placeholder: this.getAttribute("placeholder") || words.placeholder,
      oninput: () => this.#suggestSoon(), onkeydown: (event) => this.#keyed(event),
      onblur: () => setTimeout(() => this.#closeList(), 150),
    });
    input.value = typed;
    const choice = (value, text, checked) => make("label", {},
      make("input", { type: "radio", name: "mode", value, checked }), text);
    const modes = both ? make("fieldset", { class: "modes" }, make("legend", { class: "unseen" }, words.mode),
      choice("search", words.search, true), choice("ask", words.ask, false)) : null;
    this.#root.replaceChildren(
      make("form", { role: "search", onsubmit: (event) => { event.preventDefault(); this.#submit(); } },
        make("div", { class: "field" }, input,
          make("ul", { id: "suggestions", role: "listbox", "aria-label": words.suggestions, hidden: true })),
        modes, make("button", { class: "go", type: "submit" }, words.go)),
      make("p", { class: "status", role: "status", "aria-live": "polite" }),
      make("div", { class: "output" }));
  }

  async #fetch(path, parameters, signal) {
    const base = (this.getAttribute("endpoint") || "").replace(/\/+$/, "");
    const url = new URL(`${base}${path}`, document.baseURI);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    const key = this.getAttribute("key");
    const headers = key ? { Authorization: `Bearer ${key}` } : {};
    const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const response = await fetch(url, { headers, signal: limit, credentials: "omit", mode: "cors" });
    if (response.ok) return response;
    const problem = await response.json().catch(() => ({}));
    const detail = response.status === 429 ? this.#words.slow : problem.detail || response.statusText;
    throw Object.assign(new Error(detail), { status: response.status });
  }

  get #filters() {
    return Object.fromEntries(FILTERS.filter((name) => this.hasAttribute(name)).map((name) => [name, this.getAttribute(name)]));
  }

  async #submit() {
    const query = this.#input.value.trim();
    this.#closeList();
    if (!query) return;
    this.#running?.abort();
    const running = this.#running = new AbortController();
    const asks = this.#asks;
    this.#say(asks ? this.#words.asking : this.#words.searching);
    try {
      const parameters = asks ? { q: query, ...this.#filters }
        : { q: query, k: this.getAttribute("k") || 10, ...this.#filters };
      const response = await this.#fetch(asks ? "/v1/ask" : "/v1/search", parameters, running.signal);
      const result = await response.json();
      if (running.signal.aborted) return;
      this.#forgetPictures();
      asks ? this.#showAnswer(result) : this.#showHits(query, result);
    } catch (error) {
      if (running.signal.aborted) return;
      const unreachable = error instanceof TypeError || error.name === "TimeoutError";
      this.#output.replaceChildren();
      this.#say(unreachable ? this.#words.unreachable : this.#words.failed + error.message, true);
    }
  }

  #say(text, wrong = false) {
    this.#status.textContent = text;
    this.#status.classList.toggle("wrong", wrong);
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  #showHits(query, { hits, notes }) {
    this.#say(hits.length ? this.#words.found(hits.length) : this.#words.nothing);
    const said = (notes || []).map((note) => make("p", { class: "note", lang: "zh" }, note));
    this.#output.replaceChildren(...said, make("ol", {}, ...hits.map((hit) => this.#item(hit, hit.text, hit.marks))));
    this.#tell("policykb-results", { query, hits });
  }

  #showAnswer(answer) {
    const words = this.#words;
    if (answer.answered) {
      this.#say("");
      const pieces = answer.answer.split(/(\[\d+\])/).map((piece) => (/^\[\d+\]$/.test(piece) ? make("sup", {}, piece) : piece));
      const sources = answer.citations.map((citation) => this.#item(citation, citation.quote, null, `[${citation.marker}] `));
      this.#output.replaceChildren(make("div", { class: "answer" }, ...pieces),
        make("h3", {}, words.sources), make("ol", {}, ...sources));
    } else {
      this.#say(answer.reason || words.refused);
      this.#output.replaceChildren(answer.nearest.length ? make("h3", {}, words.nearest) : "",
        make("ol", {}, ...answer.nearest.map((hit) => this.#item(hit, hit.text, hit.marks))));
    }
    this.#tell("policykb-answer", { question: answer.question, answered: answer.answered, citations: answer.citations });
  }

  #item(hit, text, marks, before = "") {
    const words = this.#words;
    const place = [words.page(hit.page), hit.clause ? words.clause(hit.clause) : null].filter(Boolean).join(" · ");
    const item = make("li", { class: "hit", onclick: () => this.#tell("policykb-select", { hit }) },
      make("h4", { class: "title" }, before + hit.title), make("div", { class: "place" }, place),
      make("p", { class: text.length > 400 ? "text long" : "text", tabindex: text.length > 400 ? 0 : null }, ...withMarks(text, marks)));
    if (hit.boxes?.length) item.append(this.#pictureButton(hit));
    return item;
  }

  #pictureButton(hit) {
    const words = this.#words;
    const button = make("button", { class: "plain", type: "button", "aria-expanded": "false" }, words.picture);
    button.addEventListener("click", async (event) => {
      event.stopPropagation();
      const shown = button.nextElementSibling;
      if (shown) {
        shown.remove();
        button.textContent = words.picture;
        button.setAttribute("aria-expanded", "false");
        return;
      }
      try {
        const url = await this.#picture(hit);
        button.after(make("img", { src: url, alt: words.pictureOf(hit.title, hit.page), loading: "lazy" }));
        button.textContent = words.hide;
        button.setAttribute("aria-expanded", "true");
      } catch (error) {
        this.#say(words.failed + error.message, true);
      }
    });
    return button;
  }

  async #picture(hit) {
    const boxes = hit.boxes.filter((box) => box.page === hit.page).slice(0, 60);
    const parameters = { scale: 1.5 };
    const path = `/v1/documents/${encodeURIComponent(hit.document_id)}/pages/${Number(hit.page)}.png`;
    const marks = boxes.map((box) => `highlight=${[box.x0, box.y0, box.x1, box.y1].map(Number).join(",")}`).join("&");
    const response = await this.#fetch(`${path}?${marks}`, parameters, new AbortController().signal);
    const url = URL.createObjectURL(await response.blob());
    this.#pictures.add(url);
    return url;
  }

  #forgetPictures() {
    for (const url of this.#pictures) URL.revokeObjectURL(url);
    this.#pictures.clear();
  }

  // Suggestions

  #suggestSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#suggest(), SUGGEST_AFTER_MS);
  }

  async #suggest() {
    const typed = this.#input.value.trim();
    this.#suggesting?.abort();
    if (!typed) { this.#closeList(); return; }
    const suggesting = this.#suggesting = new AbortController();
    try {
      const response = await this.#fetch("/v1/suggest", { q: typed, n: 8 }, suggesting.signal);
      const { suggestions } = await response.json();
      if (!suggesting.signal.aborted && this.#root.activeElement === this.#input) this.#openList(suggestions);
    } catch {
      // Typing goes on without suggestions; a search that fails says why.
      this.#closeList();
    }
  }

  #openList(suggestions) {
    const options = suggestions.map((text, index) => make("li",
      { role: "option", id: `option-${index}`, "aria-selected": "false", onpointerdown: (event) => { event.preventDefault(); this.run(text); } }, text));
    this.#list.replaceChildren(...options);
    this.#list.hidden = options.length === 0;
    this.#input.setAttribute("aria-expanded", String(options.length > 0));
    this.#input.removeAttribute("aria-activedescendant");
  }

  #closeList() {
    clearTimeout(this.#timer);
    this.#suggesting?.abort();
    if (!this.#list) return;
    this.#list.hidden = true;
    this.#input.setAttribute("aria-expanded", "false");
    this.#input.removeAttribute("aria-activedescendant");
  }

  #keyed(event) {
    const options = [...this.#list.children];
    if (event.key === "Escape" && !this.#list.hidden) {
      event.preventDefault();
      this.#closeList();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !this.#list.hidden && options.length) {
      event.preventDefault();
      const now = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
      const next = event.key === "ArrowDown" ? (now + 1) % options.length : (now <= 0 ? options.length : now) - 1;
      options.forEach((option, index) => option.setAttribute("aria-selected", String(index === next)));
      options[next].scrollIntoView({ block: "nearest" });
      this.#input.setAttribute("aria-activedescendant", options[next].id);
      this.#input.value = options[next].textContent;
    }
  }
}

if (!customElements.get("policykb-search")) customElements.define("policykb-search", PolicykbSearch);
})();
