/**
 * What the desktop offers and a browser tab does not, each with the nearest thing a tab can do.
 * In a tab the core still runs on this machine, so a path typed by hand means the same file.
 */
import { invoke, isTauri } from '@tauri-apps/api/core';

export interface FileKind {
  name: string;
  extensions: string[];
}

export const inDesktop = isTauri();

export const SHEET_EXTENSIONS = ['xlsx', 'xls', 'xlsb', 'xlsm', 'ods', 'csv', 'tsv', 'txt'];

/** How a browser tab asks for a path; the app sets a dialog of its own in place of `prompt`. */
type AskPath = (title: string, name: string) => Promise<string | null>;
let askPath: AskPath = async (title, name) => window.prompt(title, name);

export function setAskPath(ask: AskPath): void {
  askPath = ask;
}

/** The path of a file to read, or null when the person changed their mind. */
export function pickFile(title: string, kinds: FileKind[]): Promise<string | null> {
  return inDesktop ? invoke('pick_file', { title, kinds }) : askPath(title, '');
}

/** The path of a file to write, or null when the person changed their mind. */
export function pickSave(title: string, name: string, kinds: FileKind[]): Promise<string | null> {
  return inDesktop ? invoke('pick_save', { title, name, kinds }) : askPath(title, name);
}

/** Shows a file that was just written, in the desktop's file browser; a tab cannot. */
export async function revealFile(path: string): Promise<void> {
  if (inDesktop) await invoke('reveal_file', { path });
}

/** Ends the program; a browser tab is closed by its browser. */
export async function quit(): Promise<void> {
  if (inDesktop) await invoke('quit');
}

/** Opens a web page, a mail or a telephone number with the desktop's program for it. */
export async function openLink(link: string): Promise<void> {
  if (inDesktop) await invoke('open_link', { link });
  else window.open(link, '_blank', 'noopener,noreferrer');
}

export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** Where the clipboard interface is refused (an old web view), a selection can still be copied. */
function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  document.body.append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  return copied;
}
