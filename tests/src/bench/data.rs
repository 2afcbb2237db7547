//! The workbook that every import of the bench reads: twelve columns of plausible customers, phones all unlike,
//! line breaks in notes, shared strings.

use std::path::Path;

use anyhow::Result;
use chrono::NaiveDate;
use fastrand::Rng;
use ketu_sheet::write::{Column, SheetPlan, Value, XlsxFile};

use crate::workbook::companies::{self, Company};

/// Raised when the content changes, so that no old file is measured.
pub const VERSION: u32 = 1;

const HEADER: [&str; 12] = [
    "编号",
    "公司",
    "联系人",
    "手机",
    "邮箱",
    "行业",
    "省市",
    "地址",
    "等级",
    "金额",
    "日期",
    "备注",
];

pub fn write(path: &Path, rows: u32) -> Result<()> {
    let mut rng = Rng::with_seed(2_026);
    let mut file = XlsxFile::create(path)?;
    file.add_sheet(SheetPlan {
        name: "客户".to_owned(),
        columns: HEADER.into_iter().map(Column::new).collect(),
        title: None,
        // Strings are shared as most programs write them, however many rows there are.
        expected_rows: 0,
    })?;
    for number in 0..rows {
        let company = Company::known(number, &mut rng);
        let contact = companies::person(&mut rng);
        let mobile = companies::mobile(number);
        let email = format!("sales{number}@example.com");
        let day = NaiveDate::from_ymd_opt(2023, 1, 1).expect("a date")
            + chrono::Days::new(rng.u64(0..1_000));
        let note = note(number, &mut rng);
        #[allow(
            clippy::cast_precision_loss,
            reason = "amounts of a few million are exact"
        )]
        let yuan = company.yuan as f64 + f64::from(rng.u32(0..100)) / 100.0;
        file.row(&[
            Value::Text(&company.number),
            Value::Text(&company.name),
            Value::Text(&contact),
            Value::Text(&mobile),
            Value::Text(&email),
            Value::Text(company.industry),
            Value::Text(company.city.regions[0]),
            Value::Text(&company.address),
            Value::Text(company.level),
            Value::Number(yuan),
            Value::Date(day),
            if note.is_empty() {
                Value::Empty
            } else {
                Value::Text(&note)
            },
        ])?;
    }
    Ok(file.finish()?)
}

fn note(number: u32, rng: &mut Rng) -> String {
    const PARTS: &[&str] = &[
        "老客户，年底集中采购",
        "付款较慢，需提前对账",
        "技术负责人关注交期",
        "展会认识，样品已寄",
        "与设计院合作密切",
    ];
    let part = PARTS[rng.usize(0..PARTS.len())];
    match rng.u32(0..6) {
        0 => String::new(),
        1 => format!("{part}\n第{}次回访", number % 17),
        _ => part.to_owned(),
    }
}
