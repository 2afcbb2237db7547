//! 省, 市 and 区县: the regions of China, their codes, and finding the region that a text means.
//!
//! The data is generated (scripts/generate-data.mjs); sources, versions and data year stand at its head. Nothing is
//! read at run time: the file is compiled in and parsed once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::OnceLock;

use crate::normalise::text::{clean, fold_char};
use crate::parse::Malformed;

/// A six-digit region code as in GB/T 2260: `440305` is 南山区, `440300` 深圳市, `440000` 广东省.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionCode(u32);

impl RegionCode {
    /// Reads six digits; whether such a region exists is for [`get_region`] to say.
    pub fn parse(text: &str) -> Option<Self> {
        let is_code = text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit());
        is_code.then(|| text.parse().map(Self).ok()).flatten()
    }
}

impl fmt::Display for RegionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

/// How deep in the tree a region stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RegionLevel {
    /// 省, 自治区, 直辖市, 特别行政区.
    Province,
    /// 地级市, 地区, 盟, 自治州.
    City,
    /// 区, 县, 县级市, 旗.
    County,
}

/// One region.
#[derive(Debug, PartialEq, Eq)]
pub struct Region {
    pub code: RegionCode,
    /// The full name: 广西壮族自治区, 深圳市, 南山区.
    pub name: &'static str,
    pub level: RegionLevel,
    parent: Option<usize>,
    children: Vec<usize>,
}

impl Region {
    /// Whether the name only fills a level that nobody speaks of, such as 市辖区 between 北京市 and 朝阳区.
    pub fn is_placeholder(&self) -> bool {
        self.level == RegionLevel::City
            && matches!(
                self.name,
                "市辖区" | "县" | "省直辖县级行政区划" | "自治区直辖县级行政区划"
            )
    }
}

/// Every 省级 region, by code.
pub fn list_provinces() -> impl Iterator<Item = &'static Region> {
    let all = &atlas().regions;
    all.iter()
        .filter(|region| region.level == RegionLevel::Province)
}

/// The regions right below one, by code; none below a county or an unknown code.
pub fn list_children(code: RegionCode) -> impl Iterator<Item = &'static Region> {
    let children = get_region(code).map_or(&[][..], |region| region.children.as_slice());
    children.iter().map(|index| &atlas().regions[*index])
}

/// The region of a code.
pub fn get_region(code: RegionCode) -> Option<&'static Region> {
    let atlas = atlas();
    let index = atlas
        .regions
        .binary_search_by_key(&code, |region| region.code)
        .ok()?;
    Some(&atlas.regions[index])
}

/// From the province down to the region itself, without placeholders.
pub fn path(code: RegionCode) -> Vec<&'static Region> {
    let mut path = Vec::new();
    let mut next = get_region(code);
    while let Some(region) = next {
        if !region.is_placeholder() || path.is_empty() {
            path.push(region);
        }
        next = region.parent.map(|index| &atlas().regions[index]);
    }
    path.reverse();
    path
}

/// `广东省/深圳市/南山区`; `None` for an unknown code.
pub fn path_text(code: RegionCode) -> Option<String> {
    let names: Vec<&str> = path(code).iter().map(|region| region.name).collect();
    (!names.is_empty()).then(|| names.join("/"))
}

/// The region that a text means: a code, or names with or without separators and with or without 省/市/区, levels
/// left out where it stays clear: `广东省深圳市南山区`, `广东/深圳/南山`, `深圳 南山`, `深圳`. Of several readings
/// the one that leaves out fewest levels wins: 吉林 is the province, 吉林市 the city.
///
/// # Errors
/// [`Malformed::RegionUnknown`], [`Malformed::RegionAmbiguous`] (朝阳区).
pub fn resolve(text: &str) -> Result<RegionCode, Malformed> {
    let cleaned = clean(text);
    if let Some(region) = RegionCode::parse(&cleaned).and_then(get_region) {
        return Ok(region.code);
    }
    let is_separator = |c: &char| c.is_whitespace() || "/-,|>·._\\—".contains(*c);
    let name: String = cleaned
        .chars()
        .flat_map(fold_char)
        .filter(|c| !is_separator(c))
        .collect();
    let name = name.strip_prefix("中国").unwrap_or(&name);

    let atlas = atlas();
    let mut readings = Vec::new();
    for form in atlas.forms_of(name) {
        let region = &atlas.regions[form.region];
        if region.is_placeholder() {
            continue;
        }
        let skipped = match region.level {
            RegionLevel::Province => 0,
            RegionLevel::City => 1,
            RegionLevel::County => 2,
        };
        let rest = &name[form.text.len()..];
        atlas.descend(form.region, rest, skipped, &mut readings);
    }
    let fewest = readings
        .iter()
        .map(|(skipped, _)| *skipped)
        .min()
        .ok_or(Malformed::RegionUnknown)?;
    let mut best = readings
        .iter()
        .filter(|(skipped, _)| *skipped == fewest)
        .map(|(_, region)| atlas.regions[*region].code);
    let first = best.next().ok_or(Malformed::RegionUnknown)?;
    if best.all(|code| code == first) {
        Ok(first)
    } else {
        Err(Malformed::RegionAmbiguous)
    }
}

/// How much of a name a region may take from its head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RegionHead {
    /// Bytes taken.
    pub(crate) length: usize,
    /// Bytes of the region's short name within them: 深圳 of 深圳市.
    pub(crate) short_length: usize,
}

/// The region at the head of an organisation's name, the longest that fits. Provinces and cities count with and
/// without 省/市, the rest by full name only: 华安 and 阿里 are regions too, but 华安保险 is no insurance of 华安县.
pub(crate) fn region_head(name: &str) -> Option<RegionHead> {
    let atlas = atlas();
    let counts = |form: &&Form| {
        let region = &atlas.regions[form.region];
        let is_widely_known = region.level == RegionLevel::Province
            || (region.level == RegionLevel::City && region.name.ends_with('市'));
        !region.is_placeholder() && (form.is_full || is_widely_known)
    };
    let form = atlas
        .forms_of(name)
        .filter(counts)
        .max_by_key(|form| form.text.len())?;
    Some(RegionHead {
        length: form.text.len(),
        short_length: short_name(atlas.regions[form.region].name).len(),
    })
}

/// A spelling of a region's name.
#[derive(Debug)]
struct Form {
    text: Cow<'static, str>,
    region: usize,
    is_full: bool,
}

/// All regions sorted by code, and their spellings by first character.
#[derive(Debug)]
struct Atlas {
    regions: Vec<Region>,
    forms: HashMap<char, Vec<Form>>,
}

#[derive(serde::Deserialize)]
struct DataFile<'a> {
    #[serde(borrow)]
    regions: Vec<ProvinceData<'a>>,
}
type ProvinceData<'a> = (&'a str, &'a str, Vec<CityData<'a>>);
type CityData<'a> = (&'a str, &'a str, Vec<(&'a str, &'a str)>);

fn atlas() -> &'static Atlas {
    static ATLAS: OnceLock<Atlas> = OnceLock::new();
    ATLAS.get_or_init(|| {
        let data: DataFile<'static> =
            serde_json::from_str(include_str!("../../../assets/data/regions.json"))
                .expect("the generated region data is well-formed");
        Atlas::new(&data.regions)
    })
}

impl Atlas {
    fn new(provinces: &[ProvinceData<'static>]) -> Self {
        let mut atlas = Self {
            regions: Vec::new(),
            forms: HashMap::new(),
        };
        for (province_code, province_name, cities) in provinces {
            let province = atlas.add(province_code, province_name, RegionLevel::Province, None);
            for (city_code, city_name, counties) in cities {
                let code = format!("{province_code}{city_code}");
                let city = atlas.add(&code, city_name, RegionLevel::City, Some(province));
                for (county_code, county_name) in counties {
                    // A city without counties (东莞市) appears as its own only county, under the same code.
                    if *county_code != "00" {
                        let code = format!("{code}{county_code}");
                        atlas.add(&code, county_name, RegionLevel::County, Some(city));
                    }
                }
            }
        }
        atlas.add_forms();
        atlas
    }

    fn add(
        &mut self,
        code: &str,
        name: &'static str,
        level: RegionLevel,
        parent: Option<usize>,
    ) -> usize {
        let code = RegionCode::parse(&format!("{code:0<6}"))
            .expect("the generated region codes are digits");
        let index = self.regions.len();
        self.regions.push(Region {
            code,
            name,
            level,
            parent,
            children: Vec::new(),
        });
        if let Some(parent) = parent {
            self.regions[parent].children.push(index);
        }
        index
    }

    fn add_forms(&mut self) {
        for index in 0..self.regions.len() {
            let region = &self.regions[index];
            let name = region.name;
            let mut texts = vec![
                (Cow::Borrowed(name), true),
                (Cow::Borrowed(short_name(name)), false),
            ];
            if let Some(kind) = ["自治州", "自治县", "自治旗"]
                .iter()
                .find_map(|long| name.ends_with(long).then(|| &long["自治".len()..]))
            {
                // 恩施州 for 恩施土家族苗族自治州.
                texts.push((Cow::Owned(format!("{}{kind}", short_name(name))), true));
            }
            if region.is_placeholder() {
                // Sheets with one column each for 省 and 市 repeat the name: 北京市 北京市 朝阳区.
                let province = region.parent.map_or("", |parent| self.regions[parent].name);
                texts.push((Cow::Borrowed(province), true));
                texts.push((Cow::Borrowed(short_name(province)), false));
            }
            texts.dedup_by(|(a, _), (b, _)| a == b);
            for (text, is_full) in texts {
                if let Some(first) = text.chars().next() {
                    self.forms.entry(first).or_default().push(Form {
                        text,
                        region: index,
                        is_full,
                    });
                }
            }
        }
    }

    /// The spellings with which a text begins.
    fn forms_of<'a>(&'a self, text: &'a str) -> impl Iterator<Item = &'a Form> {
        let first = text.chars().next();
        let forms = first.and_then(|first| self.forms.get(&first));
        forms
            .into_iter()
            .flatten()
            .filter(|form| text.starts_with(form.text.as_ref()))
    }

    /// Reads `rest` as regions below one; each reading that uses up the text is noted with the levels it left out.
    fn descend(&self, region: usize, rest: &str, skipped: u8, readings: &mut Vec<(u8, usize)>) {
        if rest.is_empty() {
            readings.push((skipped, region));
            return;
        }
        for form in self.forms_of(rest) {
            let below = &self.regions[form.region];
            let after = &rest[form.text.len()..];
            if below.parent == Some(region) {
                // Nobody ends at a placeholder: 北京市 北京市 means 北京市.
                let end = if after.is_empty() && below.is_placeholder() {
                    region
                } else {
                    form.region
                };
                self.descend(end, after, skipped, readings);
            } else if let Some(parent) = below.parent
                && self.regions[parent].parent == Some(region)
            {
                let skips_a_level = u8::from(!self.regions[parent].is_placeholder());
                self.descend(form.region, after, skipped + skips_a_level, readings);
            }
        }
    }
}

/// The name as people shorten it: 广西壮族自治区 → 广西, 恩施土家族苗族自治州 → 恩施, 南山区 → 南山. At least two
/// characters stay: 东区, 邱县.
fn short_name(name: &'static str) -> &'static str {
    let keeps_two = |rest: &&str| rest.chars().count() >= 2;
    for kind in ["自治区", "自治州", "自治县", "自治旗"] {
        if let Some(rest) = name.strip_suffix(kind) {
            return without_peoples(rest);
        }
    }
    for kind in [
        "特别行政区",
        "地区",
        "林区",
        "新区",
        "省",
        "市",
        "盟",
        "区",
        "县",
        "旗",
    ] {
        if let Some(rest) = name.strip_suffix(kind).filter(keeps_two) {
            return rest;
        }
    }
    name
}

/// The peoples named in autonomous regions; their 族 is optional (巴音郭楞蒙古自治州).
const PEOPLES: [&str; 45] = [
    "各",
    "蒙古",
    "回",
    "藏",
    "维吾尔",
    "苗",
    "彝",
    "壮",
    "布依",
    "朝鲜",
    "满",
    "侗",
    "瑶",
    "白",
    "土家",
    "哈尼",
    "哈萨克",
    "傣",
    "黎",
    "傈僳",
    "佤",
    "畲",
    "拉祜",
    "水",
    "东乡",
    "纳西",
    "景颇",
    "柯尔克孜",
    "土",
    "达斡尔",
    "仫佬",
    "羌",
    "布朗",
    "撒拉",
    "毛南",
    "仡佬",
    "锡伯",
    "塔吉克",
    "怒",
    "鄂温克",
    "保安",
    "裕固",
    "独龙",
    "鄂伦春",
    "普米",
];

fn without_peoples(name: &'static str) -> &'static str {
    let mut rest = name;
    loop {
        let bare = rest.strip_suffix('族').unwrap_or(rest);
        let shorter = PEOPLES
            .iter()
            .filter_map(|people| bare.strip_suffix(people))
            .filter(|shorter| shorter.chars().count() >= 2)
            .min_by_key(|shorter| shorter.len());
        match shorter {
            Some(shorter) => rest = shorter,
            None if rest == name => return bare,
            None => return rest,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
