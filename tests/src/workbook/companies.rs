//! Companies and people that do not exist: names from parts whose initials are known, phones and codes that are
//! unique by their number.

use fastrand::Rng;

#[derive(Debug)]
pub struct City {
    pub name: &'static str,
    pub initials: &'static str,
    pub area_code: &'static str,
    /// All of them mean the city.
    pub regions: &'static [&'static str],
}

const CITIES: &[City] = &[
    City {
        name: "深圳",
        initials: "sz",
        area_code: "0755",
        regions: &["广东省深圳市", "深圳", "广东深圳", "广东省/深圳市"],
    },
    City {
        name: "广州",
        initials: "gz",
        area_code: "020",
        regions: &["广东省广州市", "广州市", "广东广州"],
    },
    City {
        name: "上海",
        initials: "sh",
        area_code: "021",
        regions: &["上海市", "上海"],
    },
    City {
        name: "苏州",
        initials: "sz",
        area_code: "0512",
        regions: &["江苏省苏州市", "苏州", "江苏苏州"],
    },
    City {
        name: "杭州",
        initials: "hz",
        area_code: "0571",
        regions: &["浙江省杭州市", "杭州", "浙江 杭州"],
    },
    City {
        name: "武汉",
        initials: "wh",
        area_code: "027",
        regions: &["湖北省武汉市", "武汉", "湖北武汉"],
    },
    City {
        name: "成都",
        initials: "cd",
        area_code: "028",
        regions: &["四川省成都市", "成都", "四川成都"],
    },
    City {
        name: "重庆",
        initials: "cq",
        area_code: "023",
        regions: &["重庆市", "重庆"],
    },
    City {
        name: "西安",
        initials: "xa",
        area_code: "029",
        regions: &["陕西省西安市", "西安", "陕西西安"],
    },
    City {
        name: "天津",
        initials: "tj",
        area_code: "022",
        regions: &["天津市", "天津"],
    },
    City {
        name: "青岛",
        initials: "qd",
        area_code: "0532",
        regions: &["山东省青岛市", "青岛", "山东青岛"],
    },
    City {
        name: "沈阳",
        initials: "sy",
        area_code: "024",
        regions: &["辽宁省沈阳市", "沈阳", "辽宁沈阳"],
    },
];

/// Characters of one reading, with its initial and its pinyin.
pub const BRAND: &[(&str, &str, &str)] = &[
    ("恒", "h", "heng"),
    ("远", "y", "yuan"),
    ("华", "h", "hua"),
    ("科", "k", "ke"),
    ("瑞", "r", "rui"),
    ("丰", "f", "feng"),
    ("明", "m", "ming"),
    ("德", "d", "de"),
    ("启", "q", "qi"),
    ("航", "h", "hang"),
    ("鼎", "d", "ding"),
    ("新", "x", "xin"),
    ("博", "b", "bo"),
    ("通", "t", "tong"),
    ("安", "a", "an"),
    ("泰", "t", "tai"),
    ("信", "x", "xin"),
    ("诚", "c", "cheng"),
    ("蓝", "l", "lan"),
    ("海", "h", "hai"),
    ("金", "j", "jin"),
    ("龙", "l", "long"),
    ("立", "l", "li"),
    ("达", "d", "da"),
    ("嘉", "j", "jia"),
    ("禾", "h", "he"),
    ("宏", "h", "hong"),
    ("图", "t", "tu"),
    ("凯", "k", "kai"),
    ("元", "y", "yuan"),
];
const TRADES: &[(&str, &str)] = &[
    ("自动化设备", "zdhsb"),
    ("电气", "dq"),
    ("环保工程", "hbgc"),
    ("智能科技", "znkj"),
    ("物流", "wl"),
    ("精密机械", "jmjx"),
    ("医疗器械", "ylqx"),
    ("仪表", "yb"),
    ("化工", "hg"),
    ("新材料", "xcl"),
];
const FORMS: &[&str] = &["有限公司", "有限公司", "股份有限公司", "（集团）有限公司"];

pub const INDUSTRIES: &[&str] = &[
    "制造业",
    "电力能源",
    "石油化工",
    "建筑工程",
    "信息技术",
    "交通物流",
    "医疗健康",
];
const NEW_INDUSTRIES: &[&str] = &["新能源汽车", "半导体", "光伏储能"];
pub const LEVELS: &[&str] = &["A 重点", "B 重要", "C 普通", "D 一般"];
const NEW_LEVELS: &[&str] = &["S 战略"];

const FAMILY: &[&str] = &[
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "马", "朱", "胡", "林",
];
const GIVEN: &[&str] = &[
    "建国", "晓燕", "志强", "丽华", "海涛", "静", "文博", "雪梅", "俊杰", "敏", "立新", "倩", "伟",
    "芳", "磊", "洋",
];

#[derive(Debug)]
pub struct Company {
    pub number: String,
    pub name: String,
    pub initials: String,
    pub city: &'static City,
    pub phone: String,
    pub industry: &'static str,
    pub address: String,
    pub level: &'static str,
    pub yuan: i64,
    /// Empty for most.
    pub uscc: String,
}

/// Spreads numbers over a range: one to one, as the factor shares no divisor with the size.
fn spread(number: u32, size: u64, factor: u64) -> u64 {
    u64::from(number) * factor % size
}

fn pick<T>(list: &'static [T], at: u64) -> &'static T {
    &list[usize::try_from(at).expect("a place in a short list") % list.len()]
}

impl Company {
    /// As in a workbook of someone who has words of their own for some industries and levels.
    pub fn new(number: u32, rng: &mut Rng) -> Self {
        let mut company = Self::known(number, rng);
        if rng.u32(0..40) == 0 {
            company.industry = NEW_INDUSTRIES[rng.usize(0..NEW_INDUSTRIES.len())];
        }
        if rng.u32(0..60) == 0 {
            company.level = NEW_LEVELS[rng.usize(0..NEW_LEVELS.len())];
        }
        company
    }

    /// Only with options that ship. Two companies of different numbers below a million have different names.
    pub fn known(number: u32, rng: &mut Rng) -> Self {
        let sizes = [
            CITIES.len(),
            BRAND.len(),
            BRAND.len(),
            BRAND.len(),
            TRADES.len(),
        ]
        .map(|size| size as u64);
        let mut at = spread(number, sizes.iter().product(), 1_000_003);
        let mut parts = [0; 5];
        for (part, size) in parts.iter_mut().zip(sizes) {
            *part = at % size;
            at /= size;
        }
        let city = pick(CITIES, parts[0]);
        let brand = [parts[1], parts[2], parts[3]].map(|part| pick(BRAND, part));
        let trade = pick(TRADES, parts[4]);
        let form = pick(FORMS, u64::from(number));
        let characters: String = brand.iter().map(|(character, _, _)| *character).collect();
        let initials: String = brand.iter().map(|(_, initial, _)| *initial).collect();
        Self {
            number: format!("{:07}", 1 + number),
            name: format!("{}{characters}{}{form}", city.name, trade.0),
            initials: format!("{}{initials}{}", city.initials, trade.1),
            city,
            phone: format!(
                "{}-{:08}",
                city.area_code,
                20_000_000 + spread(number, 9_999_991, 7_919)
            ),
            industry: INDUSTRIES[rng.usize(0..INDUSTRIES.len())],
            address: format!("{}市科技路{}号", city.name, 1 + number % 999),
            level: LEVELS[rng.usize(0..LEVELS.len())],
            yuan: i64::from(rng.u32(1..900)) * 1_000,
            uscc: if rng.u32(0..4) == 0 {
                uscc(number)
            } else {
                String::new()
            },
        }
    }
}

pub fn person(rng: &mut Rng) -> String {
    format!(
        "{}{}",
        FAMILY[rng.usize(0..FAMILY.len())],
        GIVEN[rng.usize(0..GIVEN.len())]
    )
}

/// A mobile number that no other number gives.
pub fn mobile(number: u32) -> String {
    const STARTS: &[&str] = &["138", "139", "135", "186", "177", "159"];
    format!(
        "{}{:08}",
        pick(STARTS, u64::from(number)),
        spread(number, 99_999_989, 7_654_321)
    )
}

/// A unified social credit code with the check character of GB 32100-2015.
pub fn uscc(number: u32) -> String {
    const CHARACTERS: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let body = format!("91440300{number:09}");
    let mut weight = 1;
    let mut sum = 0;
    for digit in body.bytes() {
        sum += usize::from(digit - b'0') * weight;
        weight = weight * 3 % 31;
    }
    let check = CHARACTERS[(31 - sum % 31) % 31];
    format!("{body}{}", char::from(check))
}
