use super::*;

fn code(text: &str) -> RegionCode {
    RegionCode::parse(text).unwrap()
}

#[test]
fn the_data_names_its_sources_and_has_three_whole_levels() {
    let data: serde_json::Value =
        serde_json::from_str(include_str!("../../../../assets/data/regions.json")).unwrap();
    assert!(data["sources"][0]["version"].is_string());
    let count = |level| {
        let all = atlas().regions.iter();
        all.filter(|region| region.level == level).count()
    };
    assert_eq!(count(RegionLevel::Province), 34);
    assert!(count(RegionLevel::City) > 330);
    assert!(count(RegionLevel::County) > 2_900);
    let codes = atlas().regions.iter().map(|region| region.code);
    assert!(
        codes.is_sorted_by(|a, b| a < b),
        "codes are unique and sorted"
    );
}

#[test]
fn a_code_leads_to_its_region_path_and_children() {
    let nanshan = get_region(code("440305")).unwrap();
    assert_eq!(
        (nanshan.name, nanshan.level),
        ("南山区", RegionLevel::County)
    );
    assert_eq!(
        path_text(nanshan.code).as_deref(),
        Some("广东省/深圳市/南山区")
    );
    assert_eq!(path_text(code("110105")).as_deref(), Some("北京市/朝阳区"));
    assert!(list_children(code("440300")).any(|region| region.name == "南山区"));
    assert_eq!(list_children(code("440305")).count(), 0);
    assert_eq!(get_region(code("999999")), None);
    assert_eq!(path_text(code("999999")), None);
    assert_eq!(RegionCode::parse("4403"), None);
    assert_eq!(nanshan.code.to_string(), "440305");
}

#[test]
fn texts_of_every_kind_find_their_region() {
    for (text, expected) in [
        ("440305", "440305"),
        ("广东省深圳市南山区", "440305"),
        ("广东/深圳/南山", "440305"),
        ("广东省 / 深圳市 / 南山区", "440305"),
        ("广东-深圳", "440300"),
        ("深圳南山", "440305"),
        ("深圳", "440300"),
        ("深圳市", "440300"),
        ("广东", "440000"),
        ("广东省南山区", "440305"),
        ("北京", "110000"),
        ("北京市朝阳区", "110105"),
        ("北京市/市辖区/朝阳区", "110105"),
        ("北京北京市朝阳区", "110105"),
        ("北京市北京市", "110000"),
        ("上海浦东", "310115"),
        ("重庆渝中", "500103"),
        ("中国广东省东莞市", "441900"),
        ("东莞", "441900"),
        ("吉林", "220000"),
        ("吉林市", "220200"),
        ("吉林吉林", "220200"),
        ("海南", "460000"),
        ("内蒙古呼和浩特", "150100"),
        ("新疆", "650000"),
        ("广西南宁", "450100"),
        ("湖北恩施州", "422800"),
        ("恩施土家族苗族自治州", "422800"),
        ("延边", "222400"),
        ("吉林省延边州", "222400"),
        ("玉屏县", "520622"),
        ("湖北仙桃", "429004"),
        ("香港", "810000"),
        ("台湾省", "710000"),
    ] {
        let found = resolve(text).map(|code| code.to_string());
        assert_eq!(found.as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn a_name_that_several_regions_bear_is_not_guessed_at() {
    assert_eq!(resolve("朝阳区"), Err(Malformed::RegionAmbiguous));
    assert_eq!(resolve("鼓楼区"), Err(Malformed::RegionAmbiguous));
    for unknown in ["", "亚特兰蒂斯", "广东省亚特兰蒂斯", "市", "999999"] {
        assert_eq!(resolve(unknown), Err(Malformed::RegionUnknown), "{unknown}");
    }
}

#[test]
fn every_region_is_found_by_the_text_of_its_path() {
    for region in &atlas().regions {
        if region.is_placeholder() {
            continue;
        }
        let text = path_text(region.code).unwrap();
        let is_bare = text.contains('/') || region.level == RegionLevel::Province;
        assert!(is_bare, "{text}");
        assert_eq!(resolve(&text), Ok(region.code), "{text}");
        assert_eq!(resolve(&text.replace('/', "")), Ok(region.code), "{text}");
    }
}

#[test]
fn short_names_are_what_people_say() {
    for (name, short) in [
        ("广西壮族自治区", "广西"),
        ("内蒙古自治区", "内蒙古"),
        ("宁夏回族自治区", "宁夏"),
        ("新疆维吾尔自治区", "新疆"),
        ("恩施土家族苗族自治州", "恩施"),
        ("巴音郭楞蒙古自治州", "巴音郭楞"),
        ("东乡族自治县", "东乡"),
        ("鄂伦春自治旗", "鄂伦春"),
        ("香港特别行政区", "香港"),
        ("神农架林区", "神农架"),
        ("浦东新区", "浦东"),
        ("东区", "东区"),
        ("邱县", "邱县"),
    ] {
        assert_eq!(short_name(name), short);
    }
}

#[test]
fn a_company_name_gives_up_its_region_but_not_a_lookalike() {
    let head = |name: &str| region_head(name).map(|head| name[..head.length].to_owned());
    assert_eq!(head("深圳市华科").as_deref(), Some("深圳市"));
    assert_eq!(head("广东华科").as_deref(), Some("广东"));
    assert_eq!(head("南山区华科").as_deref(), Some("南山区"));
    assert_eq!(head("华安保险"), None);
    assert_eq!(head("阿里巴巴"), None);
}
