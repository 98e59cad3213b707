// zz-render.ts
import { writeFileSync, mkdirSync } from "node:fs";

// src/policy/scopes.ts
var AREAS = ["context", "repos", "issues", "pull_requests", "actions"];
var AREA_NAMES = {
  context: "your profile and teams",
  repos: "repositories: files, branches, commits",
  issues: "issues, comments and labels",
  pull_requests: "pull requests and reviews",
  actions: "workflow runs and their logs"
};
var WRITABLE = ["repos", "issues", "pull_requests", "actions"];
var SCOPES = [
  { name: "tools:list", group: "see", title: "See which tools there are", dangerous: false },
  { name: "resources:list", group: "see", title: "See which resources there are", dangerous: false },
  { name: "prompts:list", group: "see", title: "See which prompts there are", dangerous: false },
  { name: "prompts:use", group: "read", title: "Use prompts, which may embed what you can read", dangerous: false },
  { name: "resources:read:public", group: "read", title: "Read files of public repositories", dangerous: false },
  { name: "resources:read", group: "read", title: "Read files of every repository you can read", dangerous: false },
  ...AREAS.map((area) => ({
    name: `tools:execute:${area}:read`,
    group: "read",
    title: `Read ${AREA_NAMES[area]}`,
    dangerous: false
  })),
  { name: "tools:execute:read_only", group: "read", title: "Use every tool that only reads", dangerous: false },
  ...WRITABLE.map((area) => ({
    name: `tools:execute:${area}:write`,
    group: "write",
    title: `Change ${AREA_NAMES[area]}`,
    dangerous: true
  })),
  { name: "tools:execute", group: "write", title: "Use every tool, also those that change things", dangerous: true }
];
var SCOPE_NAMES = SCOPES.map((scope) => scope.name);
var BASELINE = [
  "tools:list",
  "tools:execute:read_only",
  "resources:list",
  "resources:read",
  "prompts:list",
  "prompts:use"
];

// src/pages/connect.ts
var NAME = "gatehouse";
function connectTexts({ publicUrl }) {
  const url = `${publicUrl}/mcp`;
  const config = encodeURIComponent(Buffer.from(JSON.stringify({ url })).toString("base64"));
  return {
    url,
    claudeCode: `claude mcp add --transport http ${NAME} ${url}`,
    cursorLink: `cursor://anysphere.cursor-deeplink/mcp/install?name=${NAME}&config=${config}`,
    cursorEntry: JSON.stringify({ mcpServers: { [NAME]: { url } } }, null, 2)
  };
}

// node_modules/hono/dist/utils/html.js
var HtmlEscapedCallbackPhase = {
  Stringify: 1,
  BeforeStream: 2,
  Stream: 3
};
var raw = (value, callbacks) => {
  const escapedString = new String(value);
  escapedString.isEscaped = true;
  escapedString.callbacks = callbacks;
  return escapedString;
};
var escapeRe = /[&<>'"]/;
var stringBufferToString = async (buffer, callbacks) => {
  let str = "";
  callbacks ||= [];
  const resolvedBuffer = await Promise.all(buffer);
  for (let i = resolvedBuffer.length - 1; ; i--) {
    str += resolvedBuffer[i];
    i--;
    if (i < 0) break;
    let r = resolvedBuffer[i];
    if (r == null || typeof r === "boolean") continue;
    if (typeof r === "number") {
      str += r;
      continue;
    }
    if (typeof r === "object") callbacks.push(...r.callbacks || []);
    const isEscaped = r.isEscaped;
    r = await (typeof r === "object" ? r.toString() : r);
    if (typeof r === "object") callbacks.push(...r.callbacks || []);
    if (r.isEscaped ?? isEscaped) str += r;
    else {
      const buf = [str];
      escapeToBuffer(r, buf);
      str = buf[0];
    }
  }
  return raw(str, callbacks);
};
var escapeToBuffer = (str, buffer) => {
  const match = str.search(escapeRe);
  if (match === -1) {
    buffer[0] += str;
    return;
  }
  let escape;
  let index;
  let lastIndex = 0;
  for (index = match; index < str.length; index++) {
    switch (str.charCodeAt(index)) {
      case 34:
        escape = "&quot;";
        break;
      case 39:
        escape = "&#39;";
        break;
      case 38:
        escape = "&amp;";
        break;
      case 60:
        escape = "&lt;";
        break;
      case 62:
        escape = "&gt;";
        break;
      default:
        continue;
    }
    buffer[0] += str.substring(lastIndex, index) + escape;
    lastIndex = index + 1;
  }
  buffer[0] += str.substring(lastIndex, index);
};
var resolveCallbackSync = (str) => {
  const callbacks = str.callbacks;
  if (!callbacks?.length) return str;
  const buffer = [str];
  const context = {};
  callbacks.forEach((c) => c({
    phase: HtmlEscapedCallbackPhase.Stringify,
    buffer,
    context
  }));
  return buffer[0];
};

// src/pages/style.ts
import { createHash } from "node:crypto";
var STYLE = `
:root {
  color-scheme: light dark;
  --page: #f4f5f7; --card: #ffffff; --ink: #1b1f24; --soft: #57606a; --line: #d5dae0; --field: #f0f2f5;
  --accent: #0b5cad; --on-accent: #ffffff; --warn-ink: #7a4100; --warn: #fff4e0; --warn-line: #f0c27b; --danger: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1216; --card: #171b21; --ink: #e8ebef; --soft: #a3adb8; --line: #323a44; --field: #20262e;
    --accent: #79b8ff; --on-accent: #0b1a2b; --warn-ink: #ffd596; --warn: #33270f; --warn-line: #6b5120; --danger: #ff8f87;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; padding: 2rem 1rem 3rem; background: var(--page); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Open Sans", sans-serif;
}
main, .brand, footer { max-width: 42rem; margin: 0 auto; }
.brand { display: flex; align-items: center; gap: .5rem; padding: 0 .25rem .75rem; font-weight: 600; color: var(--soft); }
.brand svg { width: 1.4rem; height: 1.4rem; color: var(--accent); }
main { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.75rem; overflow-wrap: anywhere; }
h1 { margin: 0 0 .75rem; font-size: 1.5rem; line-height: 1.25; text-wrap: balance; }
h2 { margin: 1.75rem 0 .5rem; font-size: 1.05rem; line-height: 1.3; }
p { margin: 0 0 .75rem; }
ul, ol { margin: 0 0 .75rem; padding-left: 1.25rem; }
li { margin: .3rem 0; }
a { color: var(--accent); }
.soft { color: var(--soft); font-size: .925rem; }
bdi { unicode-bidi: isolate; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .875rem; }
code { background: var(--field); border-radius: .25rem; padding: .1rem .3rem; }
pre {
  margin: 0 0 .75rem; padding: .75rem .9rem; background: var(--field); border: 1px solid var(--line); border-radius: .5rem;
  white-space: pre-wrap; overflow-wrap: anywhere; user-select: all;
}
pre code { background: none; padding: 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .5rem 1.25rem; margin: 0 0 1rem; }
dt { color: var(--soft); }
dd { margin: 0; min-width: 0; }
.host { font-size: 1.1rem; font-weight: 650; }
.warning { margin: 1rem 0; padding: .75rem .9rem; background: var(--warn); color: var(--warn-ink); border: 1px solid var(--warn-line); border-radius: .5rem; }
.warning p:last-child { margin: 0; }
fieldset { margin: 1rem 0 0; padding: 0; border: 0; min-width: 0; }
legend { padding: 0; font-weight: 600; }
details { margin: .35rem 0 0; }
summary { padding: .4rem 0; color: var(--soft); font-size: .925rem; cursor: pointer; }
label.scope { display: flex; gap: .75rem; align-items: flex-start; padding: .5rem .6rem; border-radius: .5rem; cursor: pointer; }
label.scope:hover { background: var(--field); }
label.scope input { flex: none; width: 1.15rem; height: 1.15rem; margin: .2rem 0 0; accent-color: var(--accent); }
label.scope .name { display: block; color: var(--soft); font: .8rem/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.tag { display: inline-block; margin-left: .35rem; padding: 0 .4rem; border: 1px solid currentColor; border-radius: 1rem; font-size: .75rem; line-height: 1.4; white-space: nowrap; }
.tag.danger { color: var(--danger); }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.5rem 0 1rem; }
button, a.button {
  flex: 1 1 9rem; min-height: 2.75rem; padding: .55rem 1.1rem; border: 1px solid var(--line); border-radius: .5rem; text-align: center;
  background: var(--card); color: var(--ink); font: inherit; font-weight: 600; text-decoration: none; cursor: pointer;
}
a.button { display: inline-block; }
button.primary, a.button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button:hover, a.button:hover { filter: brightness(1.06); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
footer { padding: .9rem .25rem 0; color: var(--soft); font-size: .85rem; overflow-wrap: anywhere; }
@media (max-width: 30rem) {
  body { padding: 1rem .75rem 2rem; }
  main { padding: 1.25rem 1rem; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .5rem; }
}
`;
var STYLE_HASH = `'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`;

// node_modules/hono/dist/jsx/constants.js
var DOM_RENDERER = /* @__PURE__ */ Symbol("RENDERER");
var DOM_ERROR_HANDLER = /* @__PURE__ */ Symbol("ERROR_HANDLER");
var DOM_INTERNAL_TAG = /* @__PURE__ */ Symbol("INTERNAL");
var PERMALINK = /* @__PURE__ */ Symbol("PERMALINK");
var RENDERED_JSX = /* @__PURE__ */ Symbol("RENDERED_JSX");

// node_modules/hono/dist/jsx/utils.js
var normalizeElementKeyMap = /* @__PURE__ */ new Map([
  ["className", "class"],
  ["htmlFor", "for"],
  ["crossOrigin", "crossorigin"],
  ["httpEquiv", "http-equiv"],
  ["itemProp", "itemprop"],
  ["fetchPriority", "fetchpriority"],
  ["noModule", "nomodule"],
  ["formAction", "formaction"]
]);
var normalizeIntrinsicElementKey = (key) => normalizeElementKeyMap.get(key) || key;
var invalidAttributeNameCharRe = /[\s"'<>/=`\\\x00-\x1f\x7f-\x9f]/;
var validAttributeNameCache = /* @__PURE__ */ new Set();
var validAttributeNameCacheMax = 1024;
var invalidTagNameCharRe = /^[!?]|[\s"'<>/=`\\\x00-\x1f\x7f-\x9f]/;
var validTagNameCache = /* @__PURE__ */ new Set();
var validTagNameCacheMax = 256;
var cacheValidName = (cache, max, name) => {
  if (cache.size >= max) cache.clear();
  cache.add(name);
};
var isValidTagName = (name) => {
  if (validTagNameCache.has(name)) return true;
  if (typeof name !== "string") return false;
  if (name.length === 0) return true;
  if (invalidTagNameCharRe.test(name)) return false;
  cacheValidName(validTagNameCache, validTagNameCacheMax, name);
  return true;
};
var isValidAttributeName = (name) => {
  if (validAttributeNameCache.has(name)) return true;
  const len = name.length;
  if (len === 0) return false;
  for (let i = 0; i < len; i++) {
    const c = name.charCodeAt(i);
    if (!(c >= 97 && c <= 122 || c >= 65 && c <= 90 || c >= 48 && c <= 57 || c === 45 || c === 95 || c === 46 || c === 58)) {
      if (!invalidAttributeNameCharRe.test(name)) {
        cacheValidName(validAttributeNameCache, validAttributeNameCacheMax, name);
        return true;
      } else return false;
    }
  }
  cacheValidName(validAttributeNameCache, validAttributeNameCacheMax, name);
  return true;
};
var invalidStylePropertyNameCharRe = /[\s"'():;\\/\[\]{}\x00-\x1f\x7f-\x9f]/;
var validStylePropertyNameCache = /* @__PURE__ */ new Set();
var validStylePropertyNameCacheMax = 1024;
var isValidStylePropertyName = (name) => {
  if (validStylePropertyNameCache.has(name)) return true;
  const len = name.length;
  if (len === 0) return false;
  for (let i = 0; i < len; i++) {
    const c = name.charCodeAt(i);
    if (!(c >= 97 && c <= 122 || c >= 65 && c <= 90 || c >= 48 && c <= 57 || c === 45 || c === 95)) {
      if (!invalidStylePropertyNameCharRe.test(name)) {
        cacheValidName(validStylePropertyNameCache, validStylePropertyNameCacheMax, name);
        return true;
      } else return false;
    }
  }
  cacheValidName(validStylePropertyNameCache, validStylePropertyNameCacheMax, name);
  return true;
};
var unsafeStyleValueCharRe = /[;"'\\/\[\](){}]/;
var hasUnsafeStyleValue = (value) => {
  if (!unsafeStyleValueCharRe.test(value)) return false;
  let quote = 0;
  const blockStack = [];
  for (let i = 0, len = value.length; i < len; i++) {
    const c = value.charCodeAt(i);
    if (c === 92) {
      if (i === len - 1) return true;
      i++;
    } else if (quote !== 0) {
      if (c === 10 || c === 12 || c === 13) return true;
      if (c === quote) quote = 0;
    } else if (c === 47 && value.charCodeAt(i + 1) === 42) {
      const end = value.indexOf("*/", i + 2);
      if (end === -1) return true;
      i = end + 1;
    } else if (c === 34 || c === 39) quote = c;
    else if (c === 40) blockStack.push(41);
    else if (c === 91) blockStack.push(93);
    else if (c === 123 || c === 125) return true;
    else if (c === 41 || c === 93) {
      if (blockStack[blockStack.length - 1] !== c) return true;
      blockStack.pop();
    } else if (c === 59 && blockStack.length === 0) return true;
  }
  return quote !== 0 || blockStack.length !== 0;
};
var styleObjectForEach = (style2, fn) => {
  for (const [k, v] of Object.entries(style2)) {
    const key = k[0] === "-" || !/[A-Z]/.test(k) ? k : k.replace(/[A-Z]/g, (m) => `-${m.toLowerCase()}`);
    if (!isValidStylePropertyName(key)) continue;
    if (v == null) {
      fn(key, null);
      continue;
    }
    let value;
    if (typeof v === "number") value = !key.match(/^(?:a|border-im|column(?:-c|s)|flex(?:$|-[^b])|grid-(?!.*gap)(?:ar|[^a])|font-w|li|or|sca|st|ta|wido|z)|ty$/) ? `${v}px` : `${v}`;
    else if (typeof v === "string") {
      if (hasUnsafeStyleValue(v)) continue;
      value = v;
    } else continue;
    fn(key, value);
  }
};

// node_modules/hono/dist/jsx/dom/utils.js
var setInternalTagFlag = (fn) => {
  fn[DOM_INTERNAL_TAG] = true;
  return fn;
};

// node_modules/hono/dist/jsx/dom/context.js
var createContextProviderFunction = (values) => ({ value, children }) => {
  if (!children) return;
  const props = { children: [{
    tag: setInternalTagFlag(() => {
      values.push(value);
    }),
    props: {}
  }] };
  if (Array.isArray(children)) props.children.push(...children.flat());
  else props.children.push(children);
  props.children.push({
    tag: setInternalTagFlag(() => {
      values.pop();
    }),
    props: {}
  });
  const res = {
    tag: "",
    props,
    type: ""
  };
  res[DOM_ERROR_HANDLER] = (err) => {
    values.pop();
    throw err;
  };
  return res;
};

// node_modules/hono/dist/jsx/context.js
var globalContexts = [];
var alsProbed = false;
var asyncLocalStorage;
var fallbackStore;
var fallbackRendersInFlight = 0;
var warnedFallbackDefault = false;
var loadAsyncLocalStorage = () => {
  if (alsProbed) return asyncLocalStorage;
  alsProbed = true;
  const global = globalThis;
  let AsyncLocalStorage;
  for (const probe of [() => global.process?.getBuiltinModule?.("node:async_hooks")?.AsyncLocalStorage, () => global.process?.mainModule?.require?.("node:async_hooks")?.AsyncLocalStorage]) {
    try {
      AsyncLocalStorage = probe();
    } catch {
    }
    if (AsyncLocalStorage) break;
  }
  if (AsyncLocalStorage) asyncLocalStorage = new AsyncLocalStorage();
  return asyncLocalStorage;
};
var getCurrentStore = () => {
  return loadAsyncLocalStorage()?.getStore() || fallbackStore;
};
var warnIfStorelessAccess = () => {
  if (fallbackRendersInFlight > 0 && !warnedFallbackDefault) {
    warnedFallbackDefault = true;
    console.warn("hono/jsx: AsyncLocalStorage is unavailable in this runtime, so useContext() after an await in an async component falls back to the context default value during server-side rendering. To get provided values across await boundaries, use a runtime with AsyncLocalStorage (Node.js >= 20.16, Deno, Bun, or Cloudflare Workers with the nodejs_compat flag).");
  }
};
var getContextValuesIn = (store, context) => {
  if (!store) {
    warnIfStorelessAccess();
    return context.values;
  }
  let values = store.get(context);
  if (!values) {
    values = [context.values[0]];
    store.set(context, values);
  }
  return values;
};
var readContextValueIn = (store, context) => {
  if (!store) {
    warnIfStorelessAccess();
    return context.values.at(-1);
  }
  const values = store.get(context);
  return values?.length ? values.at(-1) : context.values[0];
};
var captureContextValues = (store) => (store ? globalContexts.filter((c) => store.has(c)) : globalContexts).map((c) => [c, readContextValueIn(store, c)]);
var resumeWithContextValues = (callback, store, contexts) => runWithRenderContext(() => {
  const currentStore = getCurrentStore();
  const valuesPerContext = contexts.map(([context, value]) => {
    const values = getContextValuesIn(currentStore, context);
    values.push(value);
    return values;
  });
  const popContextValues = () => {
    valuesPerContext.forEach((values) => {
      values.pop();
    });
  };
  try {
    const result = callback();
    if (result instanceof Promise) return result.finally(popContextValues);
    popContextValues();
    return result;
  } catch (e) {
    popContextValues();
    throw e;
  }
}, store);
var runWithRenderContext = (callback, resumeStore) => {
  if (getCurrentStore()) return callback();
  const store = resumeStore ?? /* @__PURE__ */ new WeakMap();
  const storage = loadAsyncLocalStorage();
  if (storage) return storage.run(store, callback);
  fallbackStore = store;
  let result;
  try {
    result = callback();
  } finally {
    fallbackStore = void 0;
  }
  if (!warnedFallbackDefault && result instanceof Promise) {
    fallbackRendersInFlight++;
    result = result.finally(() => {
      fallbackRendersInFlight--;
    });
  }
  return result;
};
var captureRenderContext = () => {
  const store = getCurrentStore();
  const contexts = captureContextValues(store);
  return (callback) => resumeWithContextValues(callback, store, contexts);
};
var createContext = (defaultValue) => {
  const values = [defaultValue];
  const context = ((props) => {
    const contextValues = getContextValuesIn(getCurrentStore(), context);
    contextValues.push(props.value);
    let rendered;
    try {
      rendered = typeof props.children === "string" ? renderChildren([props.children]) : isUntrustedObject(props.children) ? renderUntrustedObject(props.children) : props.children ? (Array.isArray(props.children) ? new JSXFragmentNode("", {}, props.children) : props.children).toString() : raw("");
    } catch (e) {
      contextValues.pop();
      throw e;
    }
    if (rendered instanceof Promise) return rendered.finally(() => contextValues.pop()).then((resString) => raw(resString, resString.callbacks));
    else {
      contextValues.pop();
      return raw(rendered);
    }
  });
  context.values = values;
  context.Provider = context;
  context[DOM_RENDERER] = createContextProviderFunction(values);
  globalContexts.push(context);
  return context;
};
var useContext = (context) => {
  return readContextValueIn(getCurrentStore(), context);
};

// node_modules/hono/dist/jsx/intrinsic-element/common.js
var deDupeKeyMap = {
  title: [],
  script: ["src"],
  style: ["data-href"],
  link: ["href"],
  meta: [
    "name",
    "httpEquiv",
    "charset",
    "itemProp"
  ]
};
var domRenderers = {};
var dataPrecedenceAttr = "data-precedence";
var isStylesheetLinkWithPrecedence = (props) => props.rel === "stylesheet" && "precedence" in props;
var shouldDeDupeByKey = (tagName, supportSort) => {
  if (tagName === "link") return supportSort;
  return deDupeKeyMap[tagName].length > 0;
};

// node_modules/hono/dist/_virtual/_rolldown/runtime.js
var __defProp = Object.defineProperty;
var __exportAll = (all, no_symbols) => {
  let target = {};
  for (var name in all) __defProp(target, name, {
    get: all[name],
    enumerable: true
  });
  if (!no_symbols) __defProp(target, Symbol.toStringTag, { value: "Module" });
  return target;
};

// node_modules/hono/dist/jsx/children.js
var toArray = (children) => Array.isArray(children) ? children : [children];

// node_modules/hono/dist/jsx/intrinsic-element/components.js
var components_exports = /* @__PURE__ */ __exportAll({
  button: () => button,
  form: () => form,
  input: () => input,
  link: () => link,
  meta: () => meta,
  script: () => script,
  style: () => style,
  title: () => title
});
var metaTagMap = /* @__PURE__ */ new WeakMap();
var insertIntoHead = (tagName, tag, props, precedence) => ({ buffer, context }) => {
  if (!buffer) return;
  const map = metaTagMap.get(context) || {};
  metaTagMap.set(context, map);
  const tags = map[tagName] ||= [];
  let duped = false;
  const deDupeKeys = deDupeKeyMap[tagName];
  const deDupeByKey = shouldDeDupeByKey(tagName, precedence !== void 0);
  if (deDupeByKey) LOOP: for (const [, tagProps] of tags) {
    if (tagName === "link" && !(tagProps.rel === "stylesheet" && tagProps["data-precedence"] !== void 0)) continue;
    for (const key of deDupeKeys) if ((tagProps?.[key] ?? null) === props?.[key]) {
      duped = true;
      break LOOP;
    }
  }
  if (duped) buffer[0] = buffer[0].replaceAll(tag, "");
  else if (deDupeByKey || tagName === "link") tags.push([
    tag,
    props,
    precedence
  ]);
  else tags.unshift([
    tag,
    props,
    precedence
  ]);
  if (buffer[0].indexOf("</head>") !== -1) {
    let insertTags;
    if (tagName === "link" || precedence !== void 0) {
      const precedences = [];
      insertTags = tags.map(([tag2, , tagPrecedence], index) => {
        if (tagPrecedence === void 0) return [
          tag2,
          Number.MAX_SAFE_INTEGER,
          index
        ];
        let order = precedences.indexOf(tagPrecedence);
        if (order === -1) {
          precedences.push(tagPrecedence);
          order = precedences.length - 1;
        }
        return [
          tag2,
          order,
          index
        ];
      }).sort((a, b) => a[1] - b[1] || a[2] - b[2]).map(([tag2]) => tag2);
    } else insertTags = tags.map(([tag2]) => tag2);
    insertTags.forEach((tag2) => {
      buffer[0] = buffer[0].replaceAll(tag2, "");
    });
    buffer[0] = buffer[0].replace(/(?=<\/head>)/, () => insertTags.join(""));
  }
};
var returnWithoutSpecialBehavior = (tag, children, props) => renderChildren([new JSXNode(tag, props, toArray(children ?? []))]);
var documentMetadataTag = (tag, children, props, sort) => {
  if ("itemProp" in props) return returnWithoutSpecialBehavior(tag, children, props);
  let { precedence, blocking, ...restProps } = props;
  precedence = sort ? precedence ?? "" : void 0;
  if (sort) restProps[dataPrecedenceAttr] = precedence;
  const string = new JSXNode(tag, restProps, toArray(children || [])).toString();
  if (string instanceof Promise) return string.then((resString) => raw(resString, [...resString.callbacks || [], insertIntoHead(tag, resString, restProps, precedence)]));
  else return raw(string, [insertIntoHead(tag, string, restProps, precedence)]);
};
var title = ({ children, ...props }) => {
  const nameSpaceContext2 = getNameSpaceContext();
  if (nameSpaceContext2) {
    const context = useContext(nameSpaceContext2);
    if (context === "svg" || context === "head") return new JSXNode("title", props, toArray(children ?? []));
  }
  return documentMetadataTag("title", children, props, false);
};
var script = ({ children, ...props }) => {
  const nameSpaceContext2 = getNameSpaceContext();
  if (["src", "async"].some((k) => !props[k]) || nameSpaceContext2 && useContext(nameSpaceContext2) === "head") return returnWithoutSpecialBehavior("script", children, props);
  return documentMetadataTag("script", children, props, false);
};
var style = ({ children, ...props }) => {
  if (!["href", "precedence"].every((k) => k in props)) return returnWithoutSpecialBehavior("style", children, props);
  props["data-href"] = props.href;
  delete props.href;
  return documentMetadataTag("style", children, props, true);
};
var link = ({ children, ...props }) => {
  if (["onLoad", "onError"].some((k) => k in props) || props.rel === "stylesheet" && (!("precedence" in props) || "disabled" in props)) return returnWithoutSpecialBehavior("link", children, props);
  return documentMetadataTag("link", children, props, isStylesheetLinkWithPrecedence(props));
};
var meta = ({ children, ...props }) => {
  const nameSpaceContext2 = getNameSpaceContext();
  if (nameSpaceContext2 && useContext(nameSpaceContext2) === "head") return returnWithoutSpecialBehavior("meta", children, props);
  return documentMetadataTag("meta", children, props, false);
};
var newJSXNode = (tag, { children, ...props }) => new JSXNode(tag, props, toArray(children ?? []));
var form = (props) => {
  if (typeof props.action === "function") props.action = PERMALINK in props.action ? props.action[PERMALINK] : void 0;
  return newJSXNode("form", props);
};
var formActionableElement = (tag, props) => {
  if (typeof props.formAction === "function") props.formAction = PERMALINK in props.formAction ? props.formAction[PERMALINK] : void 0;
  return newJSXNode(tag, props);
};
var input = (props) => formActionableElement("input", props);
var button = (props) => formActionableElement("button", props);

// node_modules/hono/dist/jsx/base.js
var nameSpaceContext = void 0;
var getNameSpaceContext = () => nameSpaceContext;
var toSVGAttributeName = (key) => /[A-Z]/.test(key) && key.match(/^(?:al|basel|clip(?:Path|Rule)$|co|do|fill|fl|fo|gl|let|lig|i|marker[EMS]|o|pai|pointe|sh|st[or]|text[^L]|tr|u|ve|w)/) ? key.replace(/([A-Z])/g, "-$1").toLowerCase() : key;
var emptyTags = [
  "area",
  "base",
  "br",
  "col",
  "embed",
  "hr",
  "img",
  "input",
  "keygen",
  "link",
  "meta",
  "param",
  "source",
  "track",
  "wbr"
];
var booleanAttributes = /* @__PURE__ */ new Set([
  "allowfullscreen",
  "async",
  "autofocus",
  "autoplay",
  "checked",
  "controls",
  "default",
  "defer",
  "disabled",
  "download",
  "formnovalidate",
  "hidden",
  "inert",
  "ismap",
  "itemscope",
  "loop",
  "multiple",
  "muted",
  "nomodule",
  "novalidate",
  "open",
  "playsinline",
  "readonly",
  "required",
  "reversed",
  "selected",
  "shadowrootclonable",
  "shadowrootdelegatesfocus",
  "shadowrootserializable"
]);
var resolveFunctionComponentResult = (result, suspendedContext) => result.then((resolved) => {
  if (typeof resolved !== "string" && !Array.isArray(resolved) && !(resolved instanceof JSXNode)) return resolved;
  const children = Array.isArray(resolved) ? resolved : [resolved];
  const render = () => {
    const buffer = [""];
    childrenToStringToBuffer(children, buffer);
    return buffer.length === 1 ? raw(buffer[0], buffer.callbacks) : stringBufferToString(buffer, buffer.callbacks);
  };
  return suspendedContext ? suspendedContext(render) : runWithRenderContext(render);
});
var markRenderedJSX = (value) => {
  value[RENDERED_JSX] = true;
  return value;
};
var isEscapedAttribute = (value) => value instanceof String && value.isEscaped && !(RENDERED_JSX in value);
var objectToAttributeString = (v) => {
  const s = v.toString();
  return s instanceof Promise ? s.then(String) : String(s);
};
var attributeToBuffer = (buffer, prefix, key, v, tag) => {
  if (key === "ref" || v === null || v === void 0) return;
  if (typeof v === "boolean" && booleanAttributes.has(key)) {
    if (v) buffer[0] += `${prefix}${key}=""`;
    return;
  }
  if (typeof v === "function") {
    if (!key.startsWith("on")) throw new Error(`Invalid prop '${key}' of type 'function' supplied to ${tag ? `'${tag}'` : "a JSX element"}.`);
    return;
  }
  buffer[0] += `${prefix}${key}="`;
  if (key === "style" && typeof v === "object") {
    let styleStr = "";
    styleObjectForEach(v, (property, value) => {
      if (value != null) styleStr += `${styleStr ? ";" : ""}${property}:${value}`;
    });
    escapeToBuffer(styleStr, buffer);
  } else if (typeof v === "string") escapeToBuffer(v, buffer);
  else if (typeof v === "number" || isEscapedAttribute(v)) buffer[0] += `${v}`;
  else {
    const s = v instanceof Promise ? v.then((r) => typeof r === "object" && r !== null && !isEscapedAttribute(r) ? objectToAttributeString(r) : r) : objectToAttributeString(v);
    if (s instanceof Promise) {
      buffer.unshift('"', s);
      return;
    }
    escapeToBuffer(s, buffer);
  }
  buffer[0] += '"';
};
var childrenToStringToBuffer = (children, buffer) => {
  for (let i = 0, len = children.length; i < len; i++) {
    const child = children[i];
    if (typeof child === "string") escapeToBuffer(child, buffer);
    else if (typeof child === "boolean" || child === null || child === void 0) continue;
    else if (child instanceof JSXNode) child.toStringToBuffer(buffer);
    else if (typeof child === "number") buffer[0] += child;
    else if (child.isEscaped) {
      buffer[0] += child;
      const callbacks = child.callbacks;
      if (callbacks) {
        buffer.callbacks ||= [];
        buffer.callbacks.push(...callbacks);
      }
    } else if (child instanceof Promise) buffer.unshift("", child);
    else childrenToStringToBuffer(child, buffer);
  }
};
var renderChildren = (children) => runWithRenderContext(() => {
  const buffer = [""];
  childrenToStringToBuffer(children, buffer);
  return buffer.length === 1 ? raw(buffer[0], buffer.callbacks) : stringBufferToString(buffer, buffer.callbacks);
});
var isUntrustedObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof JSXNode) && !(value instanceof Promise) && !value.isEscaped && typeof value.toString === "function";
var renderUntrustedObject = (value) => {
  const stringified = value.toString();
  const escape = (result) => renderChildren([String(result)]);
  return stringified instanceof Promise ? stringified.then(escape) : escape(stringified);
};
var JSXNode = class {
  tag;
  props;
  key;
  children;
  isEscaped = true;
  constructor(tag, props, children) {
    if (typeof tag !== "function" && !isValidTagName(tag)) throw new Error(`Invalid JSX tag name: ${tag}`);
    this.tag = tag;
    this.props = props;
    this.children = children;
  }
  get type() {
    return this.tag;
  }
  get ref() {
    return this.props.ref || null;
  }
  toString() {
    const render = () => {
      const buffer = [""];
      this.toStringToBuffer(buffer);
      return buffer.length === 1 ? "callbacks" in buffer ? resolveCallbackSync(raw(buffer[0], buffer.callbacks)).toString() : buffer[0] : stringBufferToString(buffer, buffer.callbacks).then(markRenderedJSX);
    };
    return runWithRenderContext(render);
  }
  toStringToBuffer(buffer) {
    const tag = this.tag;
    const props = this.props;
    let { children } = this;
    buffer[0] += `<${tag}`;
    const normalizeKey = tag === "svg" || nameSpaceContext && useContext(nameSpaceContext) === "svg" ? (key) => toSVGAttributeName(normalizeIntrinsicElementKey(key)) : (key) => normalizeIntrinsicElementKey(key);
    for (let [key, v] of Object.entries(props)) {
      key = normalizeKey(key);
      if (!isValidAttributeName(key)) continue;
      if (key === "children") {
      } else if (key === "dangerouslySetInnerHTML" && typeof v === "object" && v !== null && "__html" in v) {
        if (children.length > 0) throw new Error("Can only set one of `children` or `props.dangerouslySetInnerHTML`.");
        children = [raw(v.__html)];
      } else attributeToBuffer(buffer, " ", key, v, tag);
    }
    if (emptyTags.includes(tag) && children.length === 0) {
      buffer[0] += "/>";
      return;
    }
    buffer[0] += ">";
    childrenToStringToBuffer(children, buffer);
    buffer[0] += `</${tag}>`;
  }
};
var JSXFunctionNode = class extends JSXNode {
  toStringToBuffer(buffer) {
    const { children } = this;
    const props = { ...this.props };
    if (children.length) props.children = children.length === 1 ? children[0] : children;
    const res = this.tag.call(null, props);
    if (typeof res === "boolean" || res == null) return;
    else if (res instanceof Promise) {
      if (globalContexts.length === 0) buffer.unshift("", resolveFunctionComponentResult(res));
      else buffer.unshift("", resolveFunctionComponentResult(res, captureRenderContext()));
    } else if (res instanceof JSXNode) res.toStringToBuffer(buffer);
    else if (Array.isArray(res)) childrenToStringToBuffer(res, buffer);
    else if (typeof res === "number" || res.isEscaped) {
      buffer[0] += res;
      if (res.callbacks) {
        buffer.callbacks ||= [];
        buffer.callbacks.push(...res.callbacks);
      }
    } else escapeToBuffer(res, buffer);
  }
};
var JSXFragmentNode = class extends JSXNode {
  toStringToBuffer(buffer) {
    childrenToStringToBuffer(this.children, buffer);
  }
};
var initDomRenderer = false;
var jsxFn = (tag, props, children) => {
  if (!initDomRenderer) {
    for (const k in domRenderers) components_exports[k][DOM_RENDERER] = domRenderers[k];
    initDomRenderer = true;
  }
  if (typeof tag === "function") return new JSXFunctionNode(tag, props, children);
  else if (components_exports[tag]) return new JSXFunctionNode(components_exports[tag], props, children);
  else if (tag === "svg" || tag === "head") {
    nameSpaceContext ||= createContext("");
    return new JSXNode(tag, props, [new JSXFunctionNode(nameSpaceContext, { value: tag }, children)]);
  } else return new JSXNode(tag, props, children);
};
var Fragment = ({ children }) => {
  return new JSXFragmentNode("", { children }, Array.isArray(children) ? children : children ? [children] : []);
};

// node_modules/hono/dist/jsx/jsx-dev-runtime.js
function jsxDEV(tag, props, key) {
  let node;
  if (!props || !("children" in props)) node = jsxFn(tag, props, []);
  else {
    const children = props.children;
    node = Array.isArray(children) ? jsxFn(tag, props, children) : jsxFn(tag, props, [children]);
  }
  node.key = key;
  return node;
}

// src/pages/layout.tsx
function Layout({ title: title2, children, footer }) {
  return /* @__PURE__ */ jsxDEV("html", { lang: "en", children: [
    /* @__PURE__ */ jsxDEV("head", { children: [
      /* @__PURE__ */ jsxDEV("meta", { charset: "utf-8" }),
      /* @__PURE__ */ jsxDEV("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
      /* @__PURE__ */ jsxDEV("meta", { name: "robots", content: "noindex" }),
      /* @__PURE__ */ jsxDEV("title", { children: `${title2} \xB7 Gatehouse` }),
      /* @__PURE__ */ jsxDEV("style", { children: raw(STYLE) })
    ] }),
    /* @__PURE__ */ jsxDEV("body", { children: [
      /* @__PURE__ */ jsxDEV("header", { class: "brand", children: [
        /* @__PURE__ */ jsxDEV(Mark, {}),
        "Gatehouse"
      ] }),
      /* @__PURE__ */ jsxDEV("main", { children }),
      footer !== void 0 && /* @__PURE__ */ jsxDEV("footer", { children: footer })
    ] })
  ] });
}
function Mark() {
  return /* @__PURE__ */ jsxDEV(
    "svg",
    {
      viewBox: "0 0 24 24",
      fill: "none",
      stroke: "currentColor",
      "stroke-width": "2",
      "stroke-linejoin": "round",
      "aria-hidden": "true",
      children: /* @__PURE__ */ jsxDEV("path", { d: "M3 21V5h2v2h2V5h2v3h6V5h2v2h2V5h2v16h-6v-5a3 3 0 0 0-6 0v5z" })
    }
  );
}
function documentOf(page) {
  const html2 = page.toString();
  if (typeof html2 !== "string") throw new TypeError("A page must not wait for anything.");
  return `<!doctype html>${html2}`;
}

// src/pages/text.ts
var UNSEEN = /\p{Cc}|\p{Cf}|\p{Co}|\p{Cs}|\p{Zl}|\p{Zp}|\u034f|[\u115f\u1160]|\u17b4|\u17b5|[\u180b-\u180f]|\u2800|\u3164|[\ufe00-\ufe0f]|\uffa0|[\u{e0000}-\u{e0fff}]/gu;
var STACKED_MARKS = /(\p{M}{3})\p{M}+/gu;
function plainText(text, max) {
  const line = text.normalize("NFC").replace(/\s+/gu, " ").replace(UNSEEN, "").replace(STACKED_MARKS, "$1").replace(/\s+/gu, " ").trim();
  return clip(line, max);
}
function hostText(host, max = 100) {
  const line = plainText(host, 2048);
  const points = [...line];
  return points.length <= max ? line : `\u2026${points.slice(points.length - max + 1).join("")}`;
}
function clip(line, max) {
  const points = [...line];
  return points.length <= max ? line : `${points.slice(0, max - 1).join("")}\u2026`;
}

// src/pages/consent.tsx
var GROUPS = [
  { group: "see", title: "See what this server offers" },
  { group: "read", title: "Read at GitHub, as you" },
  { group: "write", title: "Change things at GitHub, as you" }
];
function consentPage(view) {
  const name = plainText(view.clientName, 100) || "An unnamed application";
  const githubHost = hostText(view.githubHost);
  return documentOf(
    /* @__PURE__ */ jsxDEV(
      Layout,
      {
        title: "Allow access?",
        footer: "You can take access back at any time: remove the connection in the application. Everything it does here is recorded for the administrators of this server.",
        children: [
          /* @__PURE__ */ jsxDEV("h1", { children: [
            "Allow ",
            /* @__PURE__ */ jsxDEV("bdi", { children: name }),
            " to use GitHub as you?"
          ] }),
          /* @__PURE__ */ jsxDEV(WhoAsks, { view, name }),
          /* @__PURE__ */ jsxDEV("form", { method: "post", action: "/authorize", children: [
            /* @__PURE__ */ jsxDEV("input", { type: "hidden", name: "handle", value: view.handle }),
            GROUPS.map(({ group, title: title2 }) => /* @__PURE__ */ jsxDEV(Group, { title: title2, scopes: view.scopes.filter((scope) => scope.group === group) })),
            /* @__PURE__ */ jsxDEV("p", { class: "soft", children: [
              "Nothing here goes beyond what your own GitHub account may do. Next you sign in at",
              " ",
              /* @__PURE__ */ jsxDEV("strong", { children: githubHost }),
              "."
            ] }),
            /* @__PURE__ */ jsxDEV("div", { class: "actions", children: [
              /* @__PURE__ */ jsxDEV("button", { class: "primary", type: "submit", name: "decision", value: "approve", children: "Allow and sign in" }),
              /* @__PURE__ */ jsxDEV("button", { type: "submit", name: "decision", value: "deny", children: "Deny" })
            ] })
          ] })
        ]
      }
    )
  );
}
function WhoAsks({ view, name }) {
  return /* @__PURE__ */ jsxDEV(Fragment, { children: [
    /* @__PURE__ */ jsxDEV("dl", { children: [
      /* @__PURE__ */ jsxDEV("dt", { children: "Access goes to" }),
      /* @__PURE__ */ jsxDEV("dd", { class: "host", children: /* @__PURE__ */ jsxDEV("bdi", { children: hostText(view.redirectHost) }) }),
      /* @__PURE__ */ jsxDEV("dt", { children: "Who is asking" }),
      /* @__PURE__ */ jsxDEV("dd", { children: view.clientDomain === void 0 ? /* @__PURE__ */ jsxDEV(Fragment, { children: [
        /* @__PURE__ */ jsxDEV("bdi", { children: name }),
        ": this application registered itself, its name is not verified"
      ] }) : /* @__PURE__ */ jsxDEV(Fragment, { children: [
        /* @__PURE__ */ jsxDEV("bdi", { children: name }),
        ", published by ",
        /* @__PURE__ */ jsxDEV("strong", { children: hostText(view.clientDomain) }),
        " (verified domain)"
      ] }) })
    ] }),
    view.redirectIsLoopback && /* @__PURE__ */ jsxDEV("div", { class: "warning", role: "note", children: /* @__PURE__ */ jsxDEV("p", { children: [
      "Access goes to a program ",
      /* @__PURE__ */ jsxDEV("strong", { children: "on the computer you are using now" }),
      ". Any program there can call itself \u201C",
      /* @__PURE__ */ jsxDEV("bdi", { children: name }),
      "\u201D. Go on only if you just started this sign-in yourself."
    ] }) })
  ] });
}
function Group({ title: title2, scopes }) {
  const asked = scopes.filter((scope) => scope.requested);
  const others = scopes.filter((scope) => !scope.requested);
  if (scopes.length === 0) return null;
  return /* @__PURE__ */ jsxDEV("fieldset", { children: [
    /* @__PURE__ */ jsxDEV("legend", { children: title2 }),
    asked.length === 0 && /* @__PURE__ */ jsxDEV("p", { class: "soft", children: "Nothing asked for." }),
    asked.map((scope) => /* @__PURE__ */ jsxDEV(ScopeBox, { scope })),
    others.length > 0 && /* @__PURE__ */ jsxDEV("details", { children: [
      /* @__PURE__ */ jsxDEV("summary", { children: [
        asked.length === 0 ? "Could be granted" : "Could also be granted",
        " (",
        others.length,
        ")"
      ] }),
      others.map((scope) => /* @__PURE__ */ jsxDEV(ScopeBox, { scope }))
    ] })
  ] });
}
function ScopeBox({ scope }) {
  return /* @__PURE__ */ jsxDEV("label", { class: "scope", children: [
    /* @__PURE__ */ jsxDEV("input", { type: "checkbox", name: "scope", value: scope.name, checked: scope.requested }),
    /* @__PURE__ */ jsxDEV("span", { children: [
      scope.title,
      scope.dangerous && /* @__PURE__ */ jsxDEV("span", { class: "tag danger", children: "can change things" }),
      /* @__PURE__ */ jsxDEV("span", { class: "name", children: scope.name })
    ] })
  ] });
}

// src/pages/landing.tsx
function landingPage({ publicUrl }) {
  const texts = connectTexts({ publicUrl });
  return documentOf(
    /* @__PURE__ */ jsxDEV(
      Layout,
      {
        title: "GitHub for your AI assistants",
        footer: "Gatehouse speaks MCP 2026-07-28 and the 2025 revisions, with OAuth 2.1.",
        children: [
          /* @__PURE__ */ jsxDEV("h1", { children: "GitHub for your AI assistants, through one gate" }),
          /* @__PURE__ */ jsxDEV("p", { children: "This is an MCP server. Your assistant reaches GitHub through it, as you, with the permissions you tick when you connect, and within the limits your team has set." }),
          /* @__PURE__ */ jsxDEV("h2", { children: "The address" }),
          /* @__PURE__ */ jsxDEV("pre", { children: /* @__PURE__ */ jsxDEV("code", { children: texts.url }) }),
          /* @__PURE__ */ jsxDEV("h2", { children: "Claude Code" }),
          /* @__PURE__ */ jsxDEV("p", { children: [
            "Run this, then ",
            /* @__PURE__ */ jsxDEV("code", { children: "/mcp" }),
            " inside Claude Code to sign in:"
          ] }),
          /* @__PURE__ */ jsxDEV("pre", { children: /* @__PURE__ */ jsxDEV("code", { children: texts.claudeCode }) }),
          /* @__PURE__ */ jsxDEV("h2", { children: "Cursor" }),
          /* @__PURE__ */ jsxDEV("p", { class: "actions", children: /* @__PURE__ */ jsxDEV("a", { class: "button primary", href: texts.cursorLink, children: "Add to Cursor" }) }),
          /* @__PURE__ */ jsxDEV("p", { children: [
            "or put this into ",
            /* @__PURE__ */ jsxDEV("code", { children: ".cursor/mcp.json" }),
            ":"
          ] }),
          /* @__PURE__ */ jsxDEV("pre", { children: /* @__PURE__ */ jsxDEV("code", { children: texts.cursorEntry }) }),
          /* @__PURE__ */ jsxDEV("h2", { children: "Claude and other clients" }),
          /* @__PURE__ */ jsxDEV(OtherClients, { publicUrl }),
          /* @__PURE__ */ jsxDEV(Honest, {})
        ]
      }
    )
  );
}
function OtherClients({ publicUrl }) {
  if (publicUrl.startsWith("http:")) {
    return /* @__PURE__ */ jsxDEV("p", { children: "Any client on this computer that speaks Streamable HTTP and OAuth: give it the address above. Claude on the web, the desktop and the phone connects from Anthropic\u2019s cloud and cannot reach a local address without a tunnel." });
  }
  return /* @__PURE__ */ jsxDEV("p", { children: "Any client that speaks Streamable HTTP and OAuth: give it the address above. In Claude on the web, the desktop and the phone, add it as a custom connector." });
}
function Honest() {
  return /* @__PURE__ */ jsxDEV(Fragment, { children: [
    /* @__PURE__ */ jsxDEV("h2", { children: "Good to know" }),
    /* @__PURE__ */ jsxDEV("ul", { children: [
      /* @__PURE__ */ jsxDEV("li", { children: "Only people on the administrator\u2019s list can sign in." }),
      /* @__PURE__ */ jsxDEV("li", { children: "An assistant can never do more than your own GitHub account may." }),
      /* @__PURE__ */ jsxDEV("li", { children: "Every call, allowed or refused, is recorded for the administrators: who, when, which tool, and its arguments with secrets and long texts removed." }),
      /* @__PURE__ */ jsxDEV("li", { children: "Calls are limited per minute. An assistant that runs into a limit is told how long to wait." }),
      /* @__PURE__ */ jsxDEV("li", { children: "What an assistant makes of what it reads is its own doing: look at changes before you let them through." })
    ] })
  ] });
}

// src/pages/message.tsx
function messagePage(view) {
  const title2 = plainText(view.title, 120);
  return documentOf(
    /* @__PURE__ */ jsxDEV(
      Layout,
      {
        title: title2,
        footer: /* @__PURE__ */ jsxDEV(Fragment, { children: [
          "Status ",
          view.status,
          ". Request ",
          /* @__PURE__ */ jsxDEV("code", { children: view.requestId }),
          ": name it when you ask the administrator."
        ] }),
        children: [
          /* @__PURE__ */ jsxDEV("h1", { children: title2 }),
          view.lines.map((line) => /* @__PURE__ */ jsxDEV("p", { children: /* @__PURE__ */ jsxDEV("bdi", { children: plainText(line, 600) }) }))
        ]
      }
    )
  );
}

// src/pages/setup.tsx
var MADE_BY_DEPLOY = /* @__PURE__ */ new Set(["PUBLIC_URL", "SECRET_KEY"]);
function commandFor(variable) {
  return MADE_BY_DEPLOY.has(variable) ? "npm run deploy" : `npx wrangler secret put ${variable}`;
}
function setupPage(problems) {
  return documentOf(
    /* @__PURE__ */ jsxDEV(Layout, { title: "Not set up yet", footer: "Status 503. Names and rules of settings are shown here, never their values.", children: [
      /* @__PURE__ */ jsxDEV("h1", { children: "This gate is not set up yet" }),
      /* @__PURE__ */ jsxDEV("p", { children: [
        problems.length === 1 ? "One setting is" : `${problems.length} settings are`,
        " missing or wrong. Until then it answers nothing else. In the folder you deploy from, run:"
      ] }),
      problems.map(({ variable, rule }) => /* @__PURE__ */ jsxDEV("section", { children: [
        /* @__PURE__ */ jsxDEV("h2", { children: [
          /* @__PURE__ */ jsxDEV("code", { children: variable }),
          " ",
          rule
        ] }),
        /* @__PURE__ */ jsxDEV("pre", { children: /* @__PURE__ */ jsxDEV("code", { children: commandFor(variable) }) })
      ] })),
      /* @__PURE__ */ jsxDEV("p", { class: "soft", children: "A setting counts from the next request on; reload this page." })
    ] })
  );
}

// zz-render.ts
mkdirSync("/tmp/gh-probe/html", { recursive: true });
var w = (n, h) => writeFileSync(`/tmp/gh-probe/html/${n}.html`, h);
var base = { handle: "h", clientName: "Claude Code", clientDomain: void 0, redirectHost: "127.0.0.1:41231", redirectIsLoopback: true, scopes: SCOPES.map((s) => ({ ...s, requested: BASELINE.includes(s.name) })), githubHost: "github.com", formTargets: [] };
w("consent", consentPage(base));
w("consent-cimd", consentPage({ ...base, clientName: "Claude", clientDomain: "claude.ai", redirectHost: "claude.ai", redirectIsLoopback: false }));
w("consent-hostile", consentPage({ ...base, clientName: "</title><script>alert(1)</script>\u202Egnp.exe " + "W".repeat(200) + " Z\u0351\u036B\u0343\u036A\u0302\u036B\u033D\u034F\u0334", redirectHost: "accounts.google.com." + "a".repeat(60) + ".evil-" + "b".repeat(50) + ".example.net:8443", redirectIsLoopback: false, scopes: SCOPES.map((s) => ({ ...s, requested: true })) }));
w("landing", landingPage({ publicUrl: "https://gate.example.com" }));
w("landing-local", landingPage({ publicUrl: "http://localhost:8788" }));
w("message", messagePage({ status: 400, title: "This sign-in cannot go on", lines: ["The redirect_uri is not registered for this client.", "Start again from the application that sent you here."], requestId: "req_abcdefghijklmnop" }));
w("setup", setupPage([{ variable: "PUBLIC_URL", rule: "is missing" }, { variable: "GITHUB_CLIENT_ID", rule: "is missing" }, { variable: "GITHUB_CLIENT_SECRET", rule: "is missing" }, { variable: "LIMIT_CLIENT", rule: "must be COUNT/SECONDS, such as 100/60: a count of 1 to 10000 in 1 to 3600 seconds" }]));
