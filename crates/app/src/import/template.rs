//! The template for an import: the columns that most sheets have, named so that they are understood,
//! and beside them what may be filled in.

use std::path::Path;

use ketu_model::Catalog;
use ketu_model::field::{FieldDef, FieldType, Format};
use ketu_sheet::write::{Column, SheetPlan, Value, XlsxFile};

use super::lookup::Lookup;
use super::reasons::Language;
use super::target::{Part, Target, holds_digits};
use crate::app::Session;
use crate::error::Result;

/// What the template asks for; users' own fields of customers follow.
const COLUMNS: &[&str] = &[
    "customer.name",
    "customer.number",
    "customer.uscc",
    "customer.phone",
    "contact.name",
    "contact.title",
    "contact.mobile",
    "contact.email",
    "customer.industry",
    "customer.source",
    "customer.category",
    "customer.level",
    "customer.lifecycle",
    "customer.region",
    "customer.address",
    "customer.annual_value",
    "customer.tags",
    "customer.owner",
    "customer.note",
    "opportunity.name",
    "opportunity.amount",
    "opportunity.stage",
    "opportunity.expected_close",
    "interaction.occurred_at",
    "interaction.summary",
    "reminder.due_at",
];

pub fn write(path: &Path, session: &Session, language: Language) -> Result<()> {
    let catalog = session.store.catalog();
    let targets = targets(&catalog);
    let lookup = session.read(Lookup::load)?;
    let headers = targets.iter().map(|(target, field)| {
        let header = Column::new(name(&catalog, target, field, language));
        if holds_digits(field) {
            header.text()
        } else {
            header
        }
    });
    let mut file = XlsxFile::create(path)?;
    file.add_sheet(SheetPlan {
        name: language.choose("客户", "Customers").to_owned(),
        columns: headers.collect(),
        title: None,
        expected_rows: 0,
    })?;
    file.add_sheet(SheetPlan {
        name: language.choose("填写说明", "How to fill it in").to_owned(),
        columns: vec![
            Column::new(language.choose("列", "Column")).wide(20.0),
            Column::new(language.choose("填写什么", "What goes in")).wide(80.0),
        ],
        title: None,
        expected_rows: targets.len(),
    })?;
    for (target, field) in &targets {
        let title = name(&catalog, target, field, language);
        let mut hint = hint(field, language).to_owned();
        let options = field
            .option_list()
            .map(|list| lookup.names_of(list, language == Language::English));
        if let Some(options) = options.filter(|options| !options.is_empty()) {
            hint = format!("{hint}{}", options.join(language.choose("、", ", ")));
        }
        if target.is(Part::Customer, "name") {
            hint = format!("{}{hint}", language.choose("必填。", "Required. "));
        }
        file.row(&[Value::Text(&title), Value::Text(&hint)])?;
    }
    Ok(file.finish()?)
}

fn targets(catalog: &Catalog) -> Vec<(Target, &FieldDef)> {
    let usual = COLUMNS
        .iter()
        .filter_map(|text| Target::parse(catalog, text));
    let customs = catalog
        .entity("customer")
        .into_iter()
        .flat_map(|entity| &entity.fields)
        .filter(|field| field.custom);
    let own = customs.map(|field| Target {
        part: Part::Customer,
        field: field.key.clone(),
    });
    let all = usual.chain(own).filter_map(|target| {
        let field = target.definition(catalog)?;
        Some((target, field))
    });
    all.collect()
}

/// A name with one meaning: 联系人姓名 rather than 姓名.
fn name(catalog: &Catalog, target: &Target, field: &FieldDef, language: Language) -> String {
    let label = language.choose(&field.label.zh, &field.label.en);
    let entity = catalog
        .entity(target.part.entity())
        .map(|entity| language.choose(&entity.label.zh, &entity.label.en));
    match (target.part, entity) {
        (Part::Customer, _) | (_, None) => label.to_owned(),
        (_, Some(entity)) if label.starts_with(entity) => label.to_owned(),
        (_, Some(entity)) => format!("{entity}{}{label}", language.choose("", " ")),
    }
}

fn hint(field: &FieldDef, language: Language) -> &'static str {
    let (chinese, english) = match &field.kind {
        FieldType::Phone => (
            "手机或带区号的座机；多个号码用“/”隔开。",
            "Mobile, or landline with its area code; several with \"/\" between.",
        ),
        FieldType::Money => (
            "金额，如 12000、1.2万。",
            "An amount such as 12000 or 1.2万.",
        ),
        FieldType::Percent => ("百分数，如 30%。", "A percentage such as 30%."),
        FieldType::Date => ("日期，如 2026-03-05。", "A date such as 2026-03-05."),
        FieldType::Instant => (
            "日期和时间，如 2026-03-05 14:30；时间可省略。",
            "Date and time such as 2026-03-05 14:30; the time may be left out.",
        ),
        FieldType::Region => (
            "省、市、区县，如 广东省深圳市南山区。",
            "Province, city, district, e.g. 广东省深圳市南山区.",
        ),
        FieldType::Choice { .. } => (
            "没有的选项会自动添加。已有：",
            "Unknown options are added. Known: ",
        ),
        FieldType::MultiChoice { .. } => (
            "多个选项用“、”隔开。已有：",
            "Several options with \",\" between. Known: ",
        ),
        FieldType::ManyReference { .. } => {
            ("多个标签用“、”隔开。", "Several tags with \",\" between.")
        }
        FieldType::AutoNumber { .. } => ("留空则自动编号。", "Given by Ketu where left empty."),
        FieldType::Boolean => ("是 或 否。", "Yes or no."),
        FieldType::Reference { target } if target == "user" => (
            "同事的姓名；留空则为当前用户。",
            "A colleague's name; the current user where left empty.",
        ),
        FieldType::Text if field.format == Some(Format::Uscc) => {
            ("18 位，以文本填写。", "18 characters, entered as text.")
        }
        _ => ("", ""),
    };
    language.choose(chinese, english)
}
