/** Regions by their names, as they are copied from a list or written in a sheet: 深圳市 南山区, 广东省/深圳市/南山区. */
import type { RegionView } from '../../transport/contract';
import { call } from '../../transport/transport';

/** Names that only fill a level nobody speaks of. */
const FILLERS = new Set(['市辖区', '县', '省直辖县级行政区划', '自治区直辖县级行政区划']);
const SUFFIX = /(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|省|市|区|县)$/;

// Regions do not change while Ketu runs.
const levels = new Map<string, Promise<RegionView[]>>();

function below(parent: string): Promise<RegionView[]> {
  let level = levels.get(parent);
  if (!level) {
    level = call('regions', parent ? { parent } : {}).then(({ regions }) => regions);
    // One that did not come is asked for again.
    level.catch(() => levels.delete(parent));
    levels.set(parent, level);
  }
  return level;
}

/** How a text may name a region. */
interface Way {
  /** 深圳 is 深圳市. */
  short: boolean;
  /** Levels that nobody speaks of may be left out. */
  skip: boolean;
}

/** Codes below `parent` that the whole text names. */
async function named(text: string, parent: string, way: Way): Promise<string[]> {
  const found: string[] = [];
  for (const region of await below(parent)) {
    const bare = region.name.replace(SUFFIX, '');
    const names = [region.name, ...(way.short && bare.length > 1 ? [bare] : [])];
    const rests = names.flatMap((name) => (text.startsWith(name) ? [text.slice(name.length)] : []));
    if (way.skip && FILLERS.has(region.name)) rests.push(text);
    for (const rest of new Set(rests)) {
      if (rest === '') found.push(region.code);
      else if (!region.leaf) found.push(...(await named(rest, region.code, way)));
    }
  }
  return found;
}

/** The code of the one region that a text names; `null` where it names none, or several. */
export async function regionNamed(text: string): Promise<string | null> {
  const bare = text.replace(/[\s/／,，、>›·-]+/g, '');
  if (!bare) return null;
  for (const short of [false, true]) {
    const whole = await named(bare, '', { short, skip: true });
    if (whole.length === 1 && whole[0]) return whole[0];
    // Lists leave the province out where a city follows; a district alone says too little.
    const provinces = whole.length ? [] : await below('');
    const inside = new Set<string>();
    for (const { code } of provinces) {
      for (const one of await named(bare, code, { short, skip: false })) inside.add(one);
    }
    if (inside.size === 1) return [...inside][0] ?? null;
  }
  return null;
}
