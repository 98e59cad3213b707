/** What the console has besides the stylesheet of every page: wide tables, which become cards on a phone, and charts. */
import { hashOf } from '../style.ts';

export const CONSOLE_STYLE = `
:root { --good: #2b8a5a; --bad: #c9602b; --stop: #8250df; }
@media (prefers-color-scheme: dark) { :root { --good: #4cc38a; --bad: #f0975a; --stop: #b794ff; } }
main, .brand, footer { max-width: 80rem; }
nav { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.25rem; margin: 0 0 1.25rem; padding: 0 0 .75rem; border-bottom: 1px solid var(--line); }
nav a { padding: .35rem 0; }
nav a[aria-current], .between a[aria-current] { color: var(--ink); font-weight: 650; text-decoration: none; }
nav .who { margin-left: auto; }
h2 { margin-top: 2.25rem; }
form.filter { display: grid; grid-template-columns: repeat(auto-fill, minmax(11.5rem, 1fr)); gap: .6rem .9rem; margin: 0 0 1rem; }
form.filter label { color: var(--soft); font-size: .85rem; }
form.filter input, form.filter select { display: block; width: 100%; min-height: 2.4rem; margin-top: .15rem; padding: .3rem .5rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--field); color: var(--ink); font: inherit; font-size: .925rem; }
form.filter .go { display: flex; gap: .6rem; align-items: end; }
form.filter .go button, form.filter .go a.button { flex: 1; min-width: 0; min-height: 2.4rem; padding: .3rem .8rem; font-size: .925rem; }
.between { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .35rem 1.25rem; margin: .75rem 0; font-size: .925rem; }
.between span { display: flex; flex-wrap: wrap; gap: .35rem 1.25rem; }
table { width: 100%; border-collapse: collapse; font-size: .875rem; }
caption { padding: 0 0 .4rem; text-align: left; color: var(--soft); }
th { color: var(--soft); font-weight: 600; }
th, td { padding: .4rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
tbody tr:hover { background: var(--field); }
td a { color: inherit; text-decoration-color: var(--line); text-underline-offset: .2em; }
td.time a { color: var(--accent); }
.status { display: inline-block; padding: 0 .45rem; border: 1px solid currentColor; border-radius: 1rem; font-size: .8rem; font-weight: 600; color: var(--soft); white-space: nowrap; }
.status.success { color: var(--good); } .status.error, .status.unknown { color: var(--bad); } .status.denied { color: var(--stop); }
dl.row { grid-template-columns: max-content 1fr; gap: .4rem 1.25rem; }
dl.row dt { font-size: .875rem; }
svg.chart { display: block; width: 100%; height: 11rem; background: var(--field); border-radius: .4rem; }
svg.span { display: block; width: 100%; min-width: 8rem; height: 1.1rem; }
.good { fill: var(--good); } .bad { fill: var(--bad); } .stop { fill: var(--stop); }
svg .rule { stroke: var(--line); } svg .reach { stroke: var(--soft); } svg .dot { fill: var(--accent); }
.axis { display: flex; justify-content: space-between; gap: 1rem; margin: .25rem 0 .75rem; color: var(--soft); font-size: .8rem; font-variant-numeric: tabular-nums; }
.legend svg { width: .8rem; height: .8rem; vertical-align: -.05rem; }
.scroll { overflow-x: auto; }
@media (max-width: 44rem) {
  table.cards thead { display: none; }
  table.cards, table.cards tbody, table.cards tr, table.cards td, table.cards caption { display: block; }
  table.cards tr { padding: .6rem 0; border-bottom: 1px solid var(--line); }
  table.cards td { display: flex; justify-content: space-between; gap: 1rem; padding: .1rem 0; border: 0; text-align: right; white-space: normal; }
  table.cards td::before { content: attr(data-label); flex: none; color: var(--soft); text-align: left; }
  form.filter { grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); }
  dl.row { grid-template-columns: 1fr; gap: 0; }
  nav .who { margin-left: 0; }
}
`;

export const CONSOLE_STYLE_HASH = hashOf(CONSOLE_STYLE);
