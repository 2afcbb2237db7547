import { beforeAll, describe, expect, it } from 'vitest';
import { shortRegion } from '../../data/regions';
import { mockWire } from '../../transport/mock/mock';
import { call, connect } from '../../transport/transport';
import { regionNamed } from './region-names';

describe('a region by its name', () => {
  beforeAll(() => connect(mockWire({ customers: 0 })));

  it.each([
    ['深圳市 南山区', '440305'],
    ['广东省 / 深圳市 / 南山区', '440305'],
    ['广东省深圳市南山区', '440305'],
    ['广东 深圳 南山', '440305'],
    ['广东省', '440000'],
    ['广东省 深圳市', '440300'],
    ['北京市 朝阳区', '110105'],
    ['北京市/市辖区/朝阳区', '110105'],
    ['吉林市', '220200'],
    ['内蒙古自治区', '150000'],
  ])('%s is %s', async (text, code) => expect(await regionNamed(text)).toBe(code));

  it.each(['朝阳区', '天边', '深圳市 朝阳区', ''])('%s names none, or more than one', async (text) =>
    expect(await regionNamed(text)).toBeNull(),
  );

  it('finds every region by the name that a list shows for it', async () => {
    const { regions } = await call('regions', { parent: '440000' });
    const codes = ['440305', '500229', '110108', '469005', ...regions.map((one) => one.code)];
    const known = (await call('region_names', { codes })).regions;
    for (const region of known)
      expect(await regionNamed(shortRegion(region)), shortRegion(region)).toBe(region.code);
  });
});
