//! The customers that laptops and PouchDB exchange: the same ten values each, as a table for the one and as documents for
//! the other.

use std::fmt::Write;
use std::path::Path;

use anyhow::Result;
use fastrand::Rng;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::workbook::companies::Company;

const HEADER: &str = "编号,公司,电话,邮箱,行业,省市,地址,等级,金额,备注";
const KEYS: [&str; 10] = [
    "number",
    "name",
    "phone",
    "email",
    "industry",
    "region",
    "address",
    "level",
    "annual_value",
    "note",
];

fn customers(count: u32) -> impl Iterator<Item = [String; 10]> {
    let mut rng = Rng::with_seed(2_026);
    (0..count).map(move |number| {
        let company = Company::known(number, &mut rng);
        [
            company.number,
            company.name,
            company.phone,
            format!("info{number}@example.com"),
            company.industry.to_owned(),
            company.city.regions[0].to_owned(),
            company.address,
            company.level.to_owned(),
            company.yuan.to_string(),
            "年底集中采购，付款较慢，需提前对账".to_owned(),
        ]
    })
}

/// A table for `ketu import`. No value has a comma or a quotation mark in it.
pub fn write_table(path: &Path, count: u32) -> Result<()> {
    let mut text = format!("{HEADER}\n");
    for values in customers(count) {
        writeln!(text, "{}", values.join(","))?;
    }
    Ok(std::fs::write(path, text)?)
}

/// The same for PouchDB, which keeps documents in the order of their ids.
pub fn write_documents(path: &Path, count: u32) -> Result<()> {
    let documents = customers(count).map(|values| {
        let mut document = json!({ "_id": Uuid::now_v7() });
        for (key, value) in KEYS.into_iter().zip(values) {
            document[key] = match key {
                "annual_value" => value.parse().map_or(Json::Null, |yuan: i64| yuan.into()),
                _ => value.into(),
            };
        }
        document
    });
    let documents: Vec<Json> = documents.collect();
    Ok(std::fs::write(path, serde_json::to_vec(&documents)?)?)
}
