//! Customer workbooks as salespeople keep them, made from a seed, and the truth about them: what an import has to
//! make of each row, known by construction and not by asking Ketu.

pub mod companies;
mod spellings;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;
use chrono::NaiveDate;
use fastrand::Rng;
use ketu_sheet::write::{Column, SheetPlan, Value, XlsxFile};
use serde::Serialize;

use companies::{Company, INDUSTRIES, LEVELS};

/// What to make.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// Rows below the header, the total not counted.
    pub rows: u32,
    pub seed: u64,
    /// How many of them have one bad cell.
    pub errors: u32,
}

/// What an import of the workbook into a new file has to come to.
#[derive(Debug, Default, Serialize)]
pub struct Truth {
    pub seed: u64,
    pub rows: u32,
    pub created: u32,
    pub skipped: u32,
    pub failed: u32,
    /// New records by entity.
    pub records: BTreeMap<&'static str, u32>,
    /// Options that are not known before: field and name.
    pub new_options: BTreeSet<(&'static str, String)>,
    pub errors: Vec<BadCell>,
    /// Some customers to look for.
    pub customers: Vec<KnownCustomer>,
}

/// A cell that keeps its row out.
#[derive(Debug, Clone, Serialize)]
pub struct BadCell {
    /// Row number in the file, from 1.
    pub row: u32,
    /// The column's header as people see it, and its place from 0.
    pub column: &'static str,
    pub index: usize,
    pub code: &'static str,
    /// What would have been right.
    pub mended: String,
    /// Whether no other row of the file is about its company.
    pub own_company: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct KnownCustomer {
    pub number: String,
    /// As its first row spells it.
    pub name: String,
    /// Initials of the name without its legal form.
    pub initials: String,
    pub contact: String,
    pub mobile: String,
}

/// What stands in one cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Written {
    Empty,
    Text(String),
    Number(f64),
    Date(NaiveDate),
}

impl Written {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Empty => Value::Empty,
            Self::Text(text) => Value::Text(text),
            Self::Number(number) => Value::Number(*number),
            Self::Date(date) => Value::Date(*date),
        }
    }
}

impl std::fmt::Display for Written {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.value().to_text())
    }
}

/// One line below the header; an empty one is left out of a workbook.
type Line = Vec<Written>;

/// A sheet as it will be written.
#[derive(Debug)]
pub struct Sheet {
    pub title: String,
    pub header: Vec<&'static str>,
    pub lines: Vec<Line>,
    /// Names that a workbook merges over the lines of one company: the first line, and how many.
    pub merged: Vec<(usize, u32)>,
}

/// Column headers as the sheet has them, and as they read once cleaned.
const HEADER: &[(&str, &str)] = &[
    ("客户编号", "客户编号"),
    ("公司\n名称*", "公司名称"),
    ("联系人", "联系人"),
    ("*手机号码", "手机号码"),
    ("公司电话", "公司电话"),
    ("邮箱", "邮箱"),
    ("所属\n行业", "所属行业"),
    ("省市", "省市"),
    ("详细地址", "详细地址"),
    ("客户等级", "客户等级"),
    ("年采购额", "年采购额"),
    ("统一社会信用代码", "统一社会信用代码"),
    ("跟进日期", "跟进日期"),
    ("跟进内容", "跟进内容"),
    ("备注", "备注"),
];
const NAME: usize = 1;
const MOBILE: usize = 3;
const AMOUNT: usize = 10;
const USCC: usize = 11;
const DATE: usize = 12;

/// Rows of the file above the first line: title and header.
const ABOVE: u32 = 2;
/// Customers that the truth names.
const NAMED: usize = 40;

/// What a row means, before anyone spells it.
#[derive(Debug, Clone)]
struct Row {
    company: usize,
    contact: Option<Person>,
    visit: Option<(NaiveDate, String)>,
    note: String,
    /// Whether the company's own cells are filled.
    full: bool,
}

#[derive(Debug, Clone)]
struct Person {
    name: String,
    mobile: String,
    email: String,
}

/// Makes a sheet and the truth about it.
pub fn generate(spec: &Spec) -> (Sheet, Truth) {
    Generator {
        rng: Rng::with_seed(spec.seed),
        // Companies of two seeds overlap as little as those of two salespeople.
        first: u32::try_from(spec.seed % 512).expect("below 512") * 1_000,
        people: 0,
        companies: Vec::new(),
        good: Vec::new(),
        last_is_good: false,
        lines: Vec::new(),
        merged: Vec::new(),
        truth: Truth {
            seed: spec.seed,
            ..Truth::default()
        },
    }
    .sheet(spec)
}

struct Generator {
    rng: Rng,
    first: u32,
    people: u32,
    companies: Vec<Company>,
    /// Rows that were made and can be repeated.
    good: Vec<Row>,
    /// Whether the last line is the last of those.
    last_is_good: bool,
    lines: Vec<Line>,
    merged: Vec<(usize, u32)>,
    truth: Truth,
}

impl Generator {
    fn sheet(mut self, spec: &Spec) -> (Sheet, Truth) {
        let mut bad: Vec<u32> = (0..spec.rows).collect();
        self.rng.shuffle(&mut bad);
        bad.truncate(spec.errors as usize);
        let bad: BTreeSet<u32> = bad.into_iter().collect();
        for row in 0..spec.rows {
            if row > 0 && row % 97 == 0 {
                self.lines.push(Line::new());
            }
            if bad.contains(&row) {
                self.bad();
            } else {
                match self.rng.u32(0..100) {
                    0..8 if !self.good.is_empty() => self.further_contact(),
                    8..12 if self.follows_a_row() => self.contact_below(),
                    12..16 if !self.good.is_empty() => self.repeated(),
                    _ => self.new_company(),
                }
            }
        }
        self.total();
        self.truth.rows = spec.rows;
        let sheet = Sheet {
            title: format!("{}年度客户信息登记表", 2020 + spec.seed % 7),
            header: HEADER.iter().map(|(written, _)| *written).collect(),
            lines: self.lines,
            merged: self.merged,
        };
        (sheet, self.truth)
    }

    fn count(&mut self, entity: &'static str) {
        *self.truth.records.entry(entity).or_default() += 1;
    }

    fn company(&mut self) -> usize {
        let at = self.companies.len();
        let number = self.first + u32::try_from(at).expect("fewer companies than rows");
        self.companies.push(Company::new(number, &mut self.rng));
        at
    }

    fn person(&mut self) -> Person {
        let number = self.first * 10 + self.people;
        self.people += 1;
        let mobile = companies::mobile(number);
        Person {
            name: companies::person(&mut self.rng),
            email: format!("u{mobile}@example.com"),
            mobile,
        }
    }

    fn visit(&mut self, percent: u32) -> Option<(NaiveDate, String)> {
        if self.rng.u32(0..100) >= percent {
            return None;
        }
        let day = NaiveDate::from_ymd_opt(2024, 1, 1).expect("a date")
            + chrono::Days::new(self.rng.u64(0..600));
        let about = self.rng.choice([
            "上门拜访，对方要求补充报价",
            "电话沟通交期",
            "介绍新产品，反馈良好",
            "参观车间\n确认改造范围",
        ]);
        let about = about.expect("the list is not empty");
        Some((day, format!("{about}（第{}次）", self.lines.len())))
    }

    fn new_company(&mut self) {
        let company = self.company();
        let contact = (self.rng.u32(0..100) < 95).then(|| self.person());
        let note = match self.rng.u32(0..20) {
            0 => "老客户\n年底回款".to_owned(),
            1 => "=SUM(A1:A9)".to_owned(),
            2 => "+86 境外号码另议".to_owned(),
            3 => "发票\u{a0}抬头\u{3000}已确认\u{200b}".to_owned(),
            _ => String::new(),
        };
        let row = Row {
            company,
            contact,
            visit: self.visit(30),
            note,
            full: true,
        };
        self.count("customer");
        let made = &self.companies[company];
        let news = [
            ("customer.industry", made.industry, INDUSTRIES),
            ("customer.level", made.level, LEVELS),
        ];
        let new_options = news
            .into_iter()
            .filter(|(_, name, shipped)| !shipped.contains(name));
        self.truth
            .new_options
            .extend(new_options.map(|(field, name, _)| (field, name.to_owned())));
        let person = row.contact.clone();
        self.created(row);
        if let Some(person) = person.filter(|_| self.truth.customers.len() < NAMED) {
            let line = self.lines.last().expect("the row was just written");
            let made = &self.companies[company];
            self.truth.customers.push(KnownCustomer {
                number: made.number.clone(),
                name: spellings::without_hidden(&line[NAME].to_string()),
                initials: made.initials.clone(),
                contact: person.name,
                mobile: person.mobile,
            });
        }
    }

    /// Another person of a company that a row above has brought.
    fn further_contact(&mut self) {
        let company = self.good[self.rng.usize(0..self.good.len())].company;
        let row = Row {
            company,
            contact: Some(self.person()),
            visit: self.visit(20),
            note: String::new(),
            full: self.rng.bool(),
        };
        self.created(row);
    }

    /// Whether the line above was made from a row and is not blank.
    fn follows_a_row(&self) -> bool {
        let above = self.lines.last();
        above.is_some_and(|line| !line.is_empty()) && self.last_is_good
    }

    /// Another person of the company right above, under whose merged name the line stands in a workbook.
    fn contact_below(&mut self) {
        let company = self.good.last().expect("a row stands above").company;
        let line = self.lines.len();
        match self.merged.last_mut() {
            Some((first, rows)) if *first + *rows as usize == line => *rows += 1,
            _ => self.merged.push((line - 1, 2)),
        }
        let row = Row {
            company,
            contact: Some(self.person()),
            visit: self.visit(20),
            note: String::new(),
            full: false,
        };
        self.created(row);
    }

    fn created(&mut self, row: Row) {
        self.truth.created += 1;
        if row.contact.is_some() {
            self.count("contact");
        }
        if row.visit.is_some() {
            self.count("interaction");
        }
        let line = self.line(&row);
        self.lines.push(line);
        self.good.push(row);
        self.last_is_good = true;
    }

    /// A row above once more, in other spellings.
    fn repeated(&mut self) {
        let row = self.good[self.rng.usize(0..self.good.len())].clone();
        self.truth.skipped += 1;
        self.last_is_good = false;
        let line = self.line(&row);
        self.lines.push(line);
    }

    /// A row with one cell that cannot be right: of a company of its own, or of one that a row above has brought.
    fn bad(&mut self) {
        self.last_is_good = false;
        let above = self.good.last().filter(|_| self.truth.failed % 5 == 1);
        let above = above.map(|row| row.company);
        let company = above.unwrap_or_else(|| self.company());
        let row = Row {
            company,
            contact: Some(self.person()),
            visit: None,
            note: String::new(),
            full: true,
        };
        let mut line = self.line(&row);
        let person = row.contact.expect("given above");
        let made = &self.companies[company];
        let (index, written, code, mended) = match self.truth.failed % 5 {
            0 => (
                MOBILE,
                person.mobile[..9].to_owned(),
                "phone_length",
                person.mobile,
            ),
            1 => (MOBILE, "打不通".to_owned(), "phone_format", person.mobile),
            2 => {
                let right =
                    companies::uscc(self.first + u32::try_from(company).expect("fewer than rows"));
                (
                    USCC,
                    spellings::with_other_end(&right),
                    "uscc_checksum",
                    right,
                )
            }
            3 => (
                DATE,
                "2024-02-30".to_owned(),
                "date_format",
                "2024-02-29".to_owned(),
            ),
            _ => (NAME, String::new(), "required", made.name.clone()),
        };
        line[index] = if written.is_empty() {
            Written::Empty
        } else {
            Written::Text(written)
        };
        self.truth.failed += 1;
        self.truth.errors.push(BadCell {
            row: ABOVE + u32::try_from(self.lines.len()).expect("rows are few") + 1,
            column: HEADER[index].1,
            index,
            code,
            mended,
            own_company: above.is_none(),
        });
        self.lines.push(line);
    }

    fn line(&mut self, row: &Row) -> Line {
        let rng = &mut self.rng;
        let company = &self.companies[row.company];
        let own = |written: Written| if row.full { written } else { Written::Empty };
        let text = |text: &str| {
            if text.is_empty() {
                Written::Empty
            } else {
                Written::Text(text.to_owned())
            }
        };
        let person = row.contact.as_ref();
        let visit = row.visit.as_ref();
        let mut line = vec![
            own(text(&company.number)),
            Written::Text(spellings::company(&company.name, rng)),
            person.map_or(Written::Empty, |person| {
                Written::Text(spellings::blanks(&person.name, rng))
            }),
            person.map_or(Written::Empty, |person| {
                spellings::mobile(&person.mobile, rng)
            }),
            own(spellings::landline(&company.phone, rng)),
            person.map_or(Written::Empty, |person| text(&person.email)),
            own(text(company.industry)),
            own(text(
                rng.choice(company.city.regions)
                    .expect("every city has spellings"),
            )),
            own(text(&company.address)),
            own(Written::Text(spellings::level(company.level, rng))),
            own(spellings::amount(company.yuan, rng)),
            own(text(&company.uscc)),
            visit.map_or(Written::Empty, |(day, _)| spellings::date(*day, rng)),
            visit.map_or(Written::Empty, |(_, about)| text(about)),
            text(&row.note),
        ];
        // What selecting and clearing cells leaves behind.
        if rng.u32(0..50) == 0 {
            line.extend([Written::Empty, Written::Text(" \u{a0}".to_owned())]);
        }
        line
    }

    fn total(&mut self) {
        let yuan: i64 = self.companies.iter().map(|company| company.yuan).sum();
        let mut line = vec![Written::Empty; HEADER.len()];
        line[0] = Written::Text("合计".to_owned());
        #[allow(clippy::cast_precision_loss, reason = "a few billion yuan are exact")]
        let sum = yuan as f64;
        line[AMOUNT] = Written::Number(sum);
        self.lines.push(line);
    }
}

impl Sheet {
    pub fn write_xlsx(&self, path: &Path) -> Result<()> {
        let mut file = XlsxFile::create(path)?;
        file.add_sheet(SheetPlan {
            name: "客户".to_owned(),
            columns: self.header.iter().map(|name| Column::new(*name)).collect(),
            title: Some(self.title.clone()),
            expected_rows: self.lines.len(),
        })?;
        let width = u16::try_from(self.header.len()).expect("a few columns");
        let mut merged = self.merged.iter().peekable();
        let mut below = 0;
        for (number, line) in self.lines.iter().enumerate() {
            if line.is_empty() {
                file.skip_rows(1)?;
                continue;
            }
            if number % 211 == 210 {
                // Beside the table, merged and blank.
                file.merge(width + 2, 1, 2, "")?;
            }
            let mut values: Vec<Value<'_>> = line.iter().map(Written::value).collect();
            if let Some((_, rows)) = merged.next_if(|(first, _)| *first == number) {
                let name = u16::try_from(NAME).expect("a few columns");
                file.merge(name, *rows, 1, &line[NAME].to_string())?;
                below = *rows;
            }
            if below > 0 {
                values[NAME] = Value::Empty;
                below -= 1;
            }
            file.row(&values)?;
        }
        Ok(file.finish()?)
    }

    /// The same as text with commas, as another program would save it.
    pub fn to_csv(&self) -> String {
        let mut out = format!("{}\r\n", self.title);
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let names: Vec<String> = self.header.iter().map(|name| quoted(name)).collect();
        out.push_str(&names.join(","));
        for line in &self.lines {
            let cells: Vec<String> = line.iter().map(|cell| quoted(&cell.to_string())).collect();
            out.push_str("\r\n");
            out.push_str(&cells.join(","));
        }
        out.push_str("\r\n");
        out
    }
}

#[cfg(test)]
mod tests;
