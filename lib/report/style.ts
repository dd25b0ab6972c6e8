/**
 * The look of report.html: one style sheet and one small script, both inline, so that the page needs nothing from anywhere.
 * Colors are variables with a light and a dark value; text on its ground keeps a contrast of 4.5:1, bars 3:1 (WCAG AA).
 * Invariant: no address of any kind appears here.
 */

export const STYLE = `
:root{color-scheme:light dark;--ground:#f5f6f8;--surface:#fff;--text:#18202c;--muted:#566173;--line:#e6e9ee;--line-strong:#c9cfd8;
--accent:#2453b8;--warn:#8a4b00;--warn-ground:#fff6e6;--warn-line:#f0d9ae;--good:#1d6b43;--code:#f2f4f7;--week:#6a8fe3;
--c1:#2f5fd0;--c2:#0f8a7e;--c3:#c2571a;--c4:#8b4fc4;--c5:#a67c00;--c6:#c23a6b;--c7:#4b7f2a;--c8:#5b6b80;--others:#8a94a3}
@media (prefers-color-scheme:dark){:root{--ground:#0e1217;--surface:#161b22;--text:#e6eaf0;--muted:#9ba6b5;--line:#262d37;--line-strong:#3d4754;
--accent:#8fb1ff;--warn:#f3c27a;--warn-ground:#2a2113;--warn-line:#54421f;--good:#7fd1a5;--code:#1d242d;--week:#4f76d9;
--c1:#7aa2ff;--c2:#43bfae;--c3:#ee9159;--c4:#bf95ec;--c5:#d9b144;--c6:#ec78a2;--c7:#8dc26c;--c8:#a5b3c5;--others:#6f7b8b}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;
-webkit-text-size-adjust:100%}
main,header,footer{max-width:1080px;margin:0 auto;padding:0 24px}
header{padding-top:32px}
h1{font-size:22px;line-height:1.3;margin:0;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:17px;margin:0 0 4px;letter-spacing:-.005em}
h3{font-size:14px;margin:24px 0 8px}
p{margin:0 0 8px;max-width:72ch}
a{color:var(--accent)}
.sub{color:var(--muted);margin:4px 0 0;max-width:none}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--surface);padding:8px}
section{background:var(--surface);border:1px solid var(--line);border-radius:10px;padding:20px 24px;margin:20px 0}
.hero{display:grid;grid-template-columns:minmax(0,3fr) minmax(0,2fr);gap:20px 40px}
.label{color:var(--muted);font-size:13px;margin:0}
.figure{font-size:40px;line-height:1.15;font-weight:650;letter-spacing:-.02em;margin:2px 0 8px;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.lead{font-size:16px;margin-bottom:0}
.tiles{display:grid;gap:12px;margin:0;align-content:start;border-left:1px solid var(--line);padding-left:24px}
.tiles div{display:flex;justify-content:space-between;gap:16px;align-items:baseline}
.tiles dt{color:var(--muted);font-size:13px}
.tiles dd{margin:0;font-weight:600;font-variant-numeric:tabular-nums;text-align:right;white-space:nowrap}
.note{background:var(--warn-ground);border:1px solid var(--warn-line);color:var(--text);border-radius:8px;padding:12px 16px;font-size:14px}
.notes{grid-column:1/-1;display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,320px),1fr));gap:16px}
.note.calm{background:none;border-color:var(--line-strong)}.note strong{color:var(--warn)}.note.calm strong{color:var(--text)}.note ul{margin:4px 0 0;padding-left:20px}
.note p{margin:0}.note li{overflow-wrap:anywhere}
.hint{color:var(--muted);font-size:13.5px;margin-bottom:12px}
figure{margin:0}
figcaption{color:var(--muted);font-size:13px;margin-bottom:8px}
figure svg{display:block;max-width:100%;height:auto}
.narrow{display:none}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;margin:10px 0 0;padding:0;list-style:none;font-size:13px}
.legend i{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:6px}
.scroll{overflow-x:auto;margin:12px -24px 0;padding:0 24px}
.scroll:focus-visible,button:focus-visible,summary:focus-visible,a:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:14px}
figure+.scroll,.scroll+.scroll{margin-top:24px}
caption{text-align:left;color:var(--muted);font-size:13px;padding-bottom:6px}
th,td{padding:7px 12px;text-align:left;vertical-align:baseline;border-bottom:1px solid var(--line)}
th:first-child,td:first-child{padding-left:0}th:last-child,td:last-child{padding-right:0}
thead th{color:var(--muted);font-weight:500;font-size:13px;line-height:1.3;max-width:130px;vertical-align:bottom;border-bottom-color:var(--line-strong)}
tbody th{font-weight:500;min-width:130px;max-width:340px;overflow-wrap:anywhere}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}td.n{white-space:nowrap}
tfoot th,tfoot td{font-weight:650;border-bottom:0;border-top:1px solid var(--line-strong)}
.dim{color:var(--muted);font-weight:400}
.share{min-width:130px}
.share span{display:flex;align-items:baseline;justify-content:flex-end;gap:8px}.share em{font-style:normal;min-width:5.5ch}
.share i{display:block;flex:1;align-self:center;height:8px;border-radius:4px;background:var(--line);overflow:hidden;min-width:44px}
.share i b{display:block;height:100%;background:var(--c1);border-radius:4px}
thead button{all:unset;cursor:pointer;position:relative}
thead button:hover{color:var(--text)}
thead button::after{position:absolute;left:100%;padding-left:1px}
th[aria-sort=ascending] button::after{content:"↑"}th[aria-sort=descending] button::after{content:"↓"}
.ok{color:var(--good)}.bad{color:var(--warn);font-weight:650}
.wide-text{min-width:220px}
details{border-top:1px solid var(--line);padding:8px 0}
summary{cursor:pointer;font-size:14px}
pre{background:var(--code);border-radius:8px;padding:12px 14px;overflow-x:auto;font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;margin:8px 0}
code{font:.92em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
footer{color:var(--muted);font-size:13px;padding-bottom:40px}
@media (max-width:760px){main,header,footer{padding-left:14px;padding-right:14px}header{padding-top:20px}
section{padding:16px 16px;border-radius:8px;margin:14px 0}.scroll{margin:12px -16px 0;padding:0 16px}
.hero{grid-template-columns:minmax(0,1fr)}.tiles{border-left:0;padding-left:0;border-top:1px solid var(--line);padding-top:14px}
.figure{font-size:34px}.share{min-width:0}.share i{display:none}th,td{padding-left:8px;padding-right:8px}.wide{display:none}.narrow{display:block}}
@media print{section{break-inside:avoid}.scroll{overflow:visible}}
`;

/** Makes the headers of sortable tables buttons: click or Enter sorts, again reverses. Without it the tables are simply not sortable. */
export const SCRIPT = `
for (const table of document.querySelectorAll('table[data-sort]')) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const up = head.getAttribute('aria-sort') === 'descending' || (!head.hasAttribute('aria-sort') && !head.classList.contains('n'));
      const value = (row) => row.cells[column].dataset.v ?? row.cells[column].textContent;
      const number = (text) => (text === '' ? -Infinity : Number(text));
      const isNumber = head.classList.contains('n');
      const rows = [...table.tBodies[0].rows];
      rows.sort((a, b) => (isNumber ? number(value(a)) - number(value(b)) : value(a).localeCompare(value(b))) * (up ? 1 : -1));
      heads.forEach((other) => other.removeAttribute('aria-sort'));
      head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
      table.tBodies[0].append(...rows);
    });
  });
}
`;
