/**
 * What makes charts of the page answer: a text beside the bar under the pointer or with the focus, arrow keys from bar to bar, and buttons that hide
 * a series and let the others fall. Inline like all of the page. Invariant: without it everything is still there to be read.
 */

export const CHART_STYLE = `
.glance dl{margin:0;display:grid;gap:10px;align-content:start}.glance dt{color:var(--muted);font-size:13px}
@media (min-width:761px){.glance dl div{display:grid;grid-template-columns:150px minmax(0,1fr);align-items:baseline}}
.glance dd{margin:0;font-size:16px;overflow-wrap:anywhere}.glance dd a,.say a{font-size:12px}
.glance figure{margin-top:20px}
.chart{position:relative}
.chart [role=graphics-symbol]:focus{outline:none;stroke:var(--text);stroke-width:2.5}
.tip{position:absolute;z-index:1;pointer-events:none;max-width:min(280px,90%);margin:0;padding:6px 10px;border-radius:6px;font-size:13px;
background:var(--text);color:var(--surface);overflow-wrap:anywhere}
.legend button{all:unset;cursor:pointer;padding:3px 4px;border-radius:4px}
.legend button:focus-visible{outline:2px solid var(--accent);outline-offset:1px}
.legend button[aria-pressed=false]{color:var(--muted);text-decoration:line-through}
.legend button[aria-pressed=false] i{opacity:.3}
.say{overflow-wrap:anywhere}.warn{background:var(--warn-ground);border:1px solid var(--warn-line);border-radius:8px;padding:8px 12px}
section figure,section .scroll,section>ul{margin-top:14px;margin-bottom:18px}section li{overflow-wrap:anywhere}
`;

export const CHART_SCRIPT = `
for (const chart of document.querySelectorAll('figure.chart')) {
  const tip = document.createElement('p');
  tip.className = 'tip';
  tip.hidden = true;
  tip.setAttribute('aria-hidden', 'true');
  chart.append(tip);
  const hide = () => { tip.hidden = true; };
  const show = (mark) => {
    tip.textContent = mark.getAttribute('aria-label');
    tip.hidden = false;
    const [bar, box] = [mark.getBoundingClientRect(), chart.getBoundingClientRect()];
    tip.style.left = Math.max(0, Math.min(bar.left - box.left, box.width - tip.offsetWidth)) + 'px';
    tip.style.top = Math.max(0, bar.top - box.top - tip.offsetHeight - 6) + 'px';
  };
  const drawings = [...chart.querySelectorAll('svg')].map((svg) => [...svg.querySelectorAll('[role=graphics-symbol]')]);
  const isSeen = (mark) => mark.style.display !== 'none';
  const stopAt = (marks, stop) => marks.forEach((mark) => mark.setAttribute('tabindex', mark === stop ? '0' : '-1'));
  for (const marks of drawings) {
    stopAt(marks, marks[0]);
    for (const mark of marks) {
      mark.addEventListener('pointerenter', () => show(mark));
      mark.addEventListener('pointerleave', hide);
      mark.addEventListener('focus', () => { stopAt(marks, mark); show(mark); });
      mark.addEventListener('blur', hide);
      mark.addEventListener('keydown', (event) => {
        if (event.key === 'Escape') hide();
        const all = marks.filter(isSeen);
        const at = all.indexOf(mark);
        const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        all[Math.max(0, Math.min(to, all.length - 1))].focus();
      });
    }
  }
  const buttons = [...chart.querySelectorAll('.legend button')];
  for (const button of buttons) {
    button.addEventListener('click', () => {
      button.setAttribute('aria-pressed', String(button.getAttribute('aria-pressed') !== 'true'));
      const hidden = buttons.filter((one) => one.getAttribute('aria-pressed') !== 'true').map((one) => one.dataset.fill);
      for (const marks of drawings) {
        const fallen = new Map();
        for (const mark of marks) {
          const [, x, , , height] = /^M([-0-9.]+),([-0-9.]+)h([-0-9.]+)v([-0-9.]+)/.exec(mark.getAttribute('d'));
          const fall = fallen.get(x) ?? 0;
          const isHidden = hidden.includes(mark.getAttribute('fill'));
          mark.style.display = isHidden ? 'none' : '';
          if (isHidden) fallen.set(x, fall + Number(height));
          else mark.setAttribute('transform', 'translate(0,' + fall + ')');
        }
        stopAt(marks, marks.find(isSeen) ?? marks[0]);
      }
    });
  }
}
`;
