/** The one stylesheet of every page. Constant, so that its hash can stand in the Content-Security-Policy. */
import { createHash } from 'node:crypto';

export const STYLE = `
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
label.scope .name { display: flex; flex-wrap: wrap; gap: 0 .75rem; color: var(--soft); font-size: .8rem; line-height: 1.5; }
label.scope code { padding: 0; background: none; font-size: inherit; }
input.text { width: 100%; min-height: 2.75rem; margin: .35rem 0 .5rem; padding: .5rem .7rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--field); color: inherit; font: inherit; }
.danger { color: var(--danger); font-weight: 600; }
.closing { margin-top: 1.25rem; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.25rem 0 .25rem; }
button.small { flex: none; min-height: 2.25rem; padding: .3rem .8rem; font-size: .925rem; }
button.danger { background: transparent; border-color: currentColor; color: var(--danger); }
.titled { display: flex; justify-content: space-between; align-items: start; gap: .75rem; margin-bottom: .5rem; }
.notice { padding: .6rem .9rem; background: var(--field); border-left: 4px solid var(--accent); border-radius: .25rem; }
.connection { margin: 1.25rem 0; padding: 1.1rem 1.25rem; border: 1px solid var(--line); border-radius: .6rem; }
.connection h2 { margin: 0 0 .75rem; font-size: 1.15rem; }
.connection dl { gap: .35rem 1.25rem; }
ul.plain { list-style: none; margin: 0; padding: 0; }
ul.plain li { margin: 0; }
button, a.button {
  flex: 1 1 11rem; align-content: center; min-height: 2.75rem; padding: .55rem 1.1rem; border: 1px solid var(--line); border-radius: .5rem; text-align: center;
  background: var(--card); color: var(--ink); font: inherit; font-weight: 600; text-decoration: none; cursor: pointer;
}
a.button { display: inline-block; min-width: 12rem; }
button.primary, a.button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button:hover, a.button:hover { filter: brightness(1.06); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
footer { padding: .9rem .25rem 0; color: var(--soft); font-size: .85rem; overflow-wrap: anywhere; }
@media (max-width: 30rem) {
  body { padding: 1rem .75rem 2rem; }
  main { padding: 1.25rem 1rem; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .5rem; }
  label.scope { padding: .5rem 0; }
  .connection { padding: .9rem; }
  .titled h1 { font-size: 1.3rem; line-height: 2.25rem; }
}
`;

export const STYLE_HASH = hashOf(STYLE);

/** Source expression of CSP Level 3 section 6.7.3.3: lets exactly this stylesheet in. */
export function hashOf(style: string): string {
  return `'sha256-${createHash('sha256').update(style).digest('base64')}'`;
}
