/** Applies a person's choices of theme, density and font size to antd and to our own style sheet. */
import { App as AntApp, theme as antTheme, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import {
  createContext,
  type ReactNode,
  useContext,
  useLayoutEffect,
  useMemo,
  useSyncExternalStore,
} from 'react';
import type { Language } from '../i18n';
import { BASE_FONT, CHIPS, type Density, FONT_STACK, type Mode, PALETTES, SIZES } from './tokens';

export interface Look {
  language: Language;
  /** `light`, `dark`, `system`. */
  theme: string;
  density: string;
  /** Per cent. */
  fontSize: number;
}

const systemDark = window.matchMedia('(prefers-color-scheme: dark)');

function useSystemDark(): boolean {
  return useSyncExternalStore(
    (changed) => {
      systemDark.addEventListener('change', changed);
      return () => systemDark.removeEventListener('change', changed);
    },
    () => systemDark.matches,
  );
}

/** The nonce that the desktop window gave the page's first style element; none in a browser tab. */
const styleNonce = document.querySelector<HTMLStyleElement>('#boot-style')?.nonce;

const Sizes = createContext({ mode: 'light' as Mode, row: 38, scale: 1 });

/** What scripts need of the look: the mode, a table row's height in pixels, the font's scale. */
export const useLookSizes = () => useContext(Sizes);

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

export function Themed({ look, children }: { look: Look; children: ReactNode }) {
  const dark = useSystemDark();
  const mode: Mode = look.theme === 'dark' || (look.theme === 'system' && dark) ? 'dark' : 'light';
  const density: Density = look.density === 'compact' ? 'compact' : 'comfortable';
  const scale = look.fontSize / 100;
  const palette = PALETTES[mode];
  const base = SIZES[density];
  const row = Math.round(base.row * scale);

  useLayoutEffect(() => {
    const root = document.documentElement;
    root.dataset.theme = mode;
    root.dataset.density = density;
    root.style.colorScheme = mode;
    root.style.background = palette.ground;
    root.style.fontSize = `${BASE_FONT * scale}px`;
    for (const [name, value] of Object.entries(palette)) root.style.setProperty(`--k-${kebab(name)}`, value);
    for (const [name, [text, ground]] of Object.entries(CHIPS[mode])) {
      root.style.setProperty(`--chip-${name}`, text);
      root.style.setProperty(`--chip-${name}-ground`, ground);
    }
    root.style.setProperty('--k-row', `${row}px`);
    root.style.setProperty('--k-pad', `${Math.round(base.pad * scale)}px`);
    root.style.setProperty('--k-control', `${Math.round(base.control * scale)}px`);
    root.style.setProperty('--k-font', FONT_STACK);
  }, [mode, density, scale, palette, row, base]);

  const config = useMemo(
    () => ({
      algorithm: mode === 'dark' ? antTheme.darkAlgorithm : antTheme.defaultAlgorithm,
      token: {
        colorPrimary: palette.accent,
        colorInfo: palette.accent,
        colorLink: palette.accent,
        colorLinkHover: palette.accentStrong,
        colorError: palette.bad,
        colorWarning: palette.due,
        colorSuccess: palette.good,
        colorPrimaryBg: palette.accentSoft,
        colorPrimaryBgHover: palette.accentSoft,
        colorSuccessBg: palette.goodSoft,
        colorWarningBg: palette.dueSoft,
        colorErrorBg: palette.badSoft,
        colorText: palette.text,
        colorTextSecondary: palette.soft,
        colorTextTertiary: palette.faint,
        colorTextPlaceholder: palette.faint,
        colorBgBase: palette.panel,
        colorBgLayout: palette.ground,
        colorBgContainer: palette.panel,
        colorBgElevated: palette.raised,
        colorBorder: palette.line,
        colorBorderSecondary: palette.hairline,
        colorTextLightSolid: palette.onAccent,
        controlItemBgActive: palette.selected,
        controlItemBgHover: palette.hover,
        fontFamily: FONT_STACK,
        fontSize: Math.round(BASE_FONT * scale),
        controlHeight: Math.round(base.control * scale),
        borderRadius: 6,
        wireframe: false,
        motionDurationMid: '0.12s',
        motionDurationSlow: '0.16s',
      },
      components: {
        Button: { primaryShadow: 'none', defaultShadow: 'none', fontWeight: 500 },
        Form: {
          itemMarginBottom: Math.round((density === 'compact' ? 10 : 14) * scale),
          verticalLabelPadding: '0 0 4px',
        },
        Segmented: { trackBg: palette.hover, itemSelectedBg: mode === 'dark' ? palette.line : palette.panel },
        Select: { optionSelectedBg: palette.selected, optionActiveBg: palette.hover },
        Cascader: { optionSelectedBg: palette.selected },
      },
    }),
    [mode, palette, scale, base, density],
  );
  const sizes = useMemo(() => ({ mode, row, scale }), [mode, row, scale]);

  return (
    <ConfigProvider
      locale={look.language === 'en' ? enUS : zhCN}
      theme={config}
      {...(styleNonce ? { csp: { nonce: styleNonce } } : {})}
      button={{ autoInsertSpace: false }}
      wave={{ disabled: true }}
    >
      <AntApp className="ketu">
        <Sizes value={sizes}>{children}</Sizes>
      </AntApp>
    </ConfigProvider>
  );
}
