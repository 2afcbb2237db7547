/** The mock's regions, from the same generated file as the core's. */
import table from '../../../../assets/data/regions.json';
import type { RegionView } from '../contract';

type Node = [code: string, name: string, children?: Node[]];

const PROVINCES = table.regions as unknown as Node[];

function walk(
  nodes: Node[],
  prefix: string,
  path: string[],
  visit: (view: RegionView, parent: string) => void,
): void {
  for (const [part, name, children] of nodes) {
    const code = prefix + part;
    visit(
      { code: code.padEnd(6, '0'), name, path: [...path, name], leaf: !children?.length },
      prefix.padEnd(prefix ? 6 : 0, '0'),
    );
    if (children) walk(children, code, [...path, name], visit);
  }
}

const byCode = new Map<string, RegionView>();
const below = new Map<string, RegionView[]>();
walk(PROVINCES, '', [], (view, parent) => {
  byCode.set(view.code, view);
  below.set(parent, [...(below.get(parent) ?? []), view]);
});

export const regionsBelow = (parent = ''): RegionView[] => below.get(parent) ?? [];
export const regionByCode = (code: string): RegionView | undefined => byCode.get(code);
