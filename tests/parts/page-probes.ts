/**
 * Questions asked inside the browser. Each function is sent there as text, so it may use nothing but its argument and the page.
 * The few browser names they need are declared here, so that the rest of the project does not get to see browser globals.
 */

interface PageElement {
  readonly tagName: string;
  readonly parentElement: PageElement | null;
  readonly textContent: string;
  readonly title: string;
  readonly dataset: Readonly<Record<string, string | undefined>>;
  getAttribute(name: string): string | null;
  getAttributeNames(): readonly string[];
  getBoundingClientRect(): {
    readonly left: number;
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
  };
  querySelectorAll(selector: string): Iterable<PageElement>;
}

interface PageRow {
  readonly cells: readonly PageElement[];
}

interface PageTable {
  readonly caption: PageElement | null;
  readonly tFoot: { readonly rows: readonly PageRow[] } | null;
  readonly tBodies: readonly { readonly rows: Iterable<PageRow> }[];
}

declare const document: {
  readonly documentElement: { readonly clientWidth: number; readonly scrollWidth: number };
  readonly body: PageElement;
  readonly activeElement: PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
};
declare function getComputedStyle(element: PageElement): {
  readonly color: string;
  readonly fill: string;
  readonly backgroundColor: string;
  readonly overflowX: string;
};

/** What names from logs could have put into a page if they were taken for markup, and the texts of its cells. */
export function foreignElements(): { counts: Record<string, number>; cells: string[] } {
  const all = [...document.querySelectorAll('*')];
  const count = (isOne: (element: PageElement) => boolean): number => all.filter(isOne).length;
  const tag = (element: PageElement): string => element.tagName.toLowerCase();
  return {
    counts: {
      scripts: count((element) => tag(element) === 'script'),
      pictures: count((element) => tag(element) === 'img' && !(element.getAttribute('src') ?? '').startsWith('data:')),
      handlers: count((element) => element.getAttributeNames().some((name) => name.startsWith('on'))),
      links: count((element) => tag(element) === 'a' && !(element.getAttribute('href') ?? '').startsWith('#')),
    },
    cells: [...document.querySelectorAll('td, th')].map((cell) => cell.textContent.trim()),
  };
}

/** Texts of a picture that stick out of the box they begin in, or out of the picture; and how many lie in a box. */
export function textsOutside(): { outside: string[]; boxed: number } {
  const boxes = [...document.querySelectorAll('rect.box')].map((box) => box.getBoundingClientRect());
  const whole = [...document.querySelectorAll('rect.ground')].map((box) => box.getBoundingClientRect());
  const outside: string[] = [];
  let boxed = 0;
  for (const text of document.querySelectorAll('text')) {
    const own = text.getBoundingClientRect();
    const around = boxes.filter(
      (box) => own.left >= box.left && own.left < box.right && own.top >= box.top && own.top < box.bottom,
    );
    boxed += around.length;
    const fits = [...around, ...whole].every((box) => own.right <= box.right - 4 && own.bottom <= box.bottom - 2);
    if (!fits) outside.push(text.textContent);
  }
  return { outside, boxed };
}

/** Contrasts of a picture's texts with the ground they stand on, as WCAG 2 defines them. */
export function pictureContrasts(grounds: readonly string[]): number[] {
  const luminance = (color: string): number => {
    const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map((value) => {
      const share = Number(value) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const colors = (selector: string): string[] => [
    ...new Set([...document.querySelectorAll(selector)].map((element) => getComputedStyle(element).fill)),
  ];
  return colors('text').flatMap((text) =>
    grounds.flatMap((selector) =>
      colors(selector).map((ground) => {
        const [dark = 0, light = 0] = [luminance(text), luminance(ground)].toSorted((a, b) => a - b);
        return (light + 0.05) / (dark + 0.05);
      }),
    ),
  );
}

/** Width of what the page would like to show. */
export function pageWidthPx(): number {
  return document.documentElement.scrollWidth;
}

/** Red, green and blue of the page's ground. */
export function groundColor(): number[] {
  return (getComputedStyle(document.body).backgroundColor.match(/\d+/g) ?? []).map(Number);
}

/** Elements that stick out of the window to the right and are not inside a box that scrolls by itself. */
export function overflowing(): string[] {
  const width = document.documentElement.clientWidth;
  const scrolls = (element: PageElement | null): boolean =>
    element !== null &&
    (/auto|scroll|hidden/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
  return [...document.body.querySelectorAll('*')]
    .filter((element) => element.getBoundingClientRect().right > width + 1 && !scrolls(element.parentElement))
    .map((element) => `${element.tagName}.${element.getAttribute('class') ?? ''}`);
}

/** Contrast of each such text with its ground as WCAG 2 defines it; the ground is that of the nearest painted ancestor. */
export function contrasts(selector: string): number[] {
  const channels = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (color: string): number => {
    const [red = 0, green = 0, blue = 0] = channels(color).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = (element: PageElement | null): string => {
    if (element === null) return 'rgb(255, 255, 255)';
    const color = getComputedStyle(element).backgroundColor;
    return channels(color)[3] === 0 ? ground(element.parentElement) : color;
  };
  return [...document.querySelectorAll(selector)].map((element) => {
    const light = luminance(getComputedStyle(element).color);
    const dark = luminance(ground(element));
    return (Math.max(light, dark) + 0.05) / (Math.min(light, dark) + 0.05);
  });
}

/** Which of the sorting buttons has the focus; -1 where none has. */
export function focusedHeader(): number {
  return [...document.querySelectorAll('table[data-sort] thead button')].findIndex(
    (button) => button === document.activeElement,
  );
}

/** What cells sort by, else what they show. */
export function sortValues(cells: readonly PageElement[]): string[] {
  return cells.map((cell) => cell.dataset['v'] ?? cell.textContent);
}

/** Each column of the tables with a total row: the total, whether it shows an exact value on hover, and what stands above it. */
export function totals(
  tables: readonly PageTable[],
): { caption: string; total: string; isExact: boolean; parts: string[] }[] {
  return tables.flatMap((table) =>
    [...(table.tFoot?.rows[0]?.cells ?? [])].map((cell, column) => ({
      caption: table.caption?.textContent ?? '',
      total: cell.dataset['v'] ?? '',
      isExact: cell.title !== '',
      parts: [...(table.tBodies[0]?.rows ?? [])].map((row) => row.cells[column]?.dataset['v'] ?? ''),
    })),
  );
}
