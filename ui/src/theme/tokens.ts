/**
 * Ketu's colours, sizes and type, in one place. Pine green for what can be done, ochre for what is due,
 * on paper-warm greys: long hours in a train should not tire the eyes. Text meets WCAG AA on its ground.
 */
export type Mode = 'light' | 'dark';
export type Density = 'comfortable' | 'compact';

export const FONT_STACK =
  '"Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "Segoe UI", system-ui, sans-serif';

export interface Palette {
  /** The page behind panels, and the navigation. */
  ground: string;
  nav: string;
  /** Panels, tables, forms. */
  panel: string;
  raised: string;
  /** Lines between things, and the fainter ones inside tables. */
  line: string;
  hairline: string;
  text: string;
  soft: string;
  faint: string;
  accent: string;
  accentStrong: string;
  accentSoft: string;
  onAccent: string;
  due: string;
  dueSoft: string;
  good: string;
  goodSoft: string;
  bad: string;
  badSoft: string;
  hover: string;
  selected: string;
  focus: string;
}

export const PALETTES: Record<Mode, Palette> = {
  light: {
    ground: '#f6f5f1',
    nav: '#efede7',
    panel: '#ffffff',
    raised: '#ffffff',
    line: '#dfdcd3',
    hairline: '#ebe9e2',
    text: '#1f2624',
    soft: '#59625e',
    faint: '#676f6a',
    accent: '#1f6f5f',
    accentStrong: '#155346',
    accentSoft: '#e2efe9',
    onAccent: '#ffffff',
    due: '#a4531a',
    dueSoft: '#f8e9dc',
    good: '#2a7335',
    goodSoft: '#e1f0e1',
    bad: '#b3322e',
    badSoft: '#fae6e4',
    hover: '#f4f3ee',
    selected: '#e6f0eb',
    focus: '#1f6f5f',
  },
  dark: {
    ground: '#131618',
    nav: '#101314',
    panel: '#1a1e20',
    raised: '#22272a',
    line: '#333a3d',
    hairline: '#282e31',
    text: '#e7e5df',
    soft: '#adb4b0',
    faint: '#8c9490',
    accent: '#63bda5',
    accentStrong: '#8bd3bf',
    accentSoft: '#1f3a34',
    onAccent: '#0d1f1a',
    due: '#e2a066',
    dueSoft: '#3b2a1b',
    good: '#7cc487',
    goodSoft: '#1f3524',
    bad: '#ef8a83',
    badSoft: '#42211f',
    hover: '#202527',
    selected: '#1e332e',
    focus: '#63bda5',
  },
};

/** Colours of option chips, by the names that options carry: text and ground for both modes. */
export const CHIPS: Record<Mode, Record<string, [text: string, ground: string]>> = {
  light: {
    default: ['#4d5652', '#ecebe5'],
    red: ['#9b2c28', '#f9e4e2'],
    orange: ['#94500f', '#f9ead6'],
    green: ['#27692f', '#e1f0e1'],
    cyan: ['#12616b', '#dceff0'],
    blue: ['#285a8f', '#e1ebf6'],
    purple: ['#6a4292', '#eee6f6'],
  },
  dark: {
    default: ['#c3c8c4', '#2d3335'],
    red: ['#f3a6a0', '#472624'],
    orange: ['#eab887', '#43301d'],
    green: ['#9bd4a3', '#213a27'],
    cyan: ['#8fd0d6', '#1b3a3e'],
    blue: ['#a3c6ee', '#22344a'],
    purple: ['#cdb2ec', '#372a49'],
  },
};

export const CHIP_COLORS = ['default', 'red', 'orange', 'green', 'cyan', 'blue', 'purple'] as const;

/** Sizes in pixels at 100 % font size. */
export const SIZES: Record<Density, { control: number; row: number; pad: number }> = {
  comfortable: { control: 32, row: 38, pad: 16 },
  compact: { control: 28, row: 30, pad: 12 },
};

export const BASE_FONT = 14;
