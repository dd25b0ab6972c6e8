/**
 * The look of the mail: light values by default, dark ones where a mail program asks for them, one column on telephones. Classes are short because
 * every table cell carries them and Gmail clips a mail at 102 KB. In: nothing. Out: CSS and the chart colors of dark mails.
 * Invariant: texts keep 4.5:1 against their ground, bars 3:1 (WCAG AA); each block stays below the 8,192 characters that Gmail reads; nothing here
 * is needed to read the mail.
 */
import { MAIL_THEME } from './chart-theme.ts';
import type { ChartTheme } from './chart-theme.ts';

/** System fonts: nothing is loaded. */
export const MAIL_FONT = '-apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif';

/** CSS pixels: of the mail at most, of its pictures, and of pictures on telephones. */
export const MAIL_WIDTH = 680;
export const WIDE_CHART = 632;
export const NARROW_CHART = 320;
/** Up to these widths of the window charts are narrow, and rows of tables are cards. */
const CHART_BREAKPOINT = 480;
export const TABLE_BREAKPOINT = 640;

export const MAIL_COLORS = {
  ground: '#f5f6f8',
  surface: '#ffffff',
  text: '#18202c',
  muted: '#566173',
  line: '#e6e9ee',
  warnGround: '#fff6e6',
  warnLine: '#f0d9ae',
  accent: '#2453b8',
} as const;

/** Charts of mails on a dark ground; the dark values of the page. */
export const DARK_MAIL_THEME: ChartTheme = {
  ...MAIL_THEME,
  text: '#e6eaf0',
  muted: '#9ba6b5',
  line: '#262d37',
  lineStrong: '#3d4754',
  ground: '#161b22',
  surface: '#161b22',
  bar: '#4f76d9',
  good: '#7fd1a5',
  bad: '#f3c27a',
  series: ['#7aa2ff', '#43bfae', '#ee9159', '#bf95ec', '#d9b144', '#ec78a2', '#8dc26c', '#a5b3c5'],
  others: '#6f7b8b',
};

const { muted, line, warnGround, warnLine, accent } = MAIL_COLORS;

/** Colors of the trend's series beside the picture: `.s0`, `.s1` …; `.so` is all others. */
const swatches = (theme: ChartTheme, important: string): string =>
  [...theme.series.map((color, i) => [`s${i}`, color] as const), ['so', theme.others] as const]
    .map(([name, color]) => `.${name}{background-color:${color}${important}}`)
    .join('');

/** For all programs. */
export const MAIL_STYLE = `
h1{font-size:22px;line-height:1.3;margin:0;font-weight:650}
h2{font-size:18px;line-height:1.3;margin:0;font-weight:650}
h3{font-size:14px;line-height:1.4;margin:16px 0 4px;font-weight:650}
p{margin:0 0 8px}
ul{margin:0 0 8px;padding:0 0 0 20px}
li{margin:0 0 4px}
.m,.q{color:${muted}}
.q{font-family:Menlo,Consolas,monospace;font-size:11px;font-weight:400;white-space:nowrap}
.x{font-size:13px}
.fs{font-size:16px}
.lb{color:${muted};font-size:13px}
.w{background-color:${warnGround};border:1px solid ${warnLine};border-radius:8px;padding:10px 14px}
caption{text-align:left;color:${muted};font-size:13px;padding:0 0 4px}
.d th,.d td{padding:6px 0 6px 10px;word-break:normal;border-bottom:1px solid ${line};vertical-align:top;line-height:20px;text-align:left;font-weight:400}
.d th.n,.d td.n{text-align:right}
.d td.n{white-space:nowrap}
.d td.u{white-space:normal}
.d .a{padding-left:0}
.d .k{font-size:13px}
.d thead th{color:${muted};font-size:12px;line-height:16px;vertical-align:bottom}
.d tbody th{font-weight:600}
.d tfoot th,.d tfoot td{font-weight:700;border-bottom:0}
.br{height:6px;background-color:${line};border-radius:3px;margin-top:3px;min-width:48px}
.br div{height:6px;background-color:${MAIL_THEME.series[0]};border-radius:3px}
.ok{color:${MAIL_THEME.good}}
.bad{color:${MAIL_THEME.bad};font-weight:700}
.sw{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:5px}
.lg{margin-right:14px;white-space:nowrap}
pre{margin:0 0 8px;font-family:Menlo,Consolas,monospace;font-size:12px;line-height:17px;white-space:pre-wrap;word-break:break-word}
a{color:${accent}}
${swatches(MAIL_THEME, '')}
@media (max-width:${CHART_BREAKPOINT}px){
.wl{display:none!important}
.nl{display:block!important;max-height:none!important}
}
@media (max-width:${TABLE_BREAKPOINT}px){
.d thead,.d td.e,.br{display:none!important}
.d table,.d tbody,.d tfoot,.d tr,.d th,.d td,.d caption{display:block!important;width:auto!important}
.d tr{padding:8px 0!important;border-bottom:1px solid ${line}!important}
.d tbody th,.d tfoot th,.d td,.d td.n{padding:1px 0!important;border:0!important;text-align:left!important;white-space:normal!important}
.l{display:inline-block!important;width:46%;font-weight:400;color:${muted};vertical-align:top}
.v{display:inline-block!important;width:52%;vertical-align:top}
}`;

/** For programs that follow the system's dark mode; all others show the light values or darken them by themselves. */
export const DARK_STYLE = `
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
body,.g,.g>div{background-color:#0e1217!important}
.c,.c>table{background:#161b22!important;background-color:#161b22!important}
.f,.f>table{background:#0e1217!important;background-color:#0e1217!important}
.c>table>tbody>tr>td{border-color:#0e1217!important}
.t div,.d table{color:#e6eaf0!important}
.m,.q,.lb,.l,.d caption,.d thead th{color:#9ba6b5!important}
.w{background-color:#2a2113!important;border-color:#54421f!important}
.d th,.d td,.d tr{border-color:#262d37!important}
.br{background-color:#262d37!important}
.br div{background-color:#7aa2ff!important}
.ok{color:#7fd1a5!important}
.bad{color:#f3c27a!important}
a{color:#8fb1ff!important}
.wl,.nl{display:none!important}
.wd{display:block!important;max-height:none!important}
${swatches(DARK_MAIL_THEME, '!important')}
}
@media (prefers-color-scheme:dark) and (max-width:${CHART_BREAKPOINT}px){
.wd{display:none!important}
.nd{display:block!important;max-height:none!important}
}`;
