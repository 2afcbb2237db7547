//! HTML tables, which ERP systems and banks export under the name `.xls`. Read as tolerantly as
//! Excel does: unclosed cells, missing quotes, spans, several tables one below the other.

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use super::Output;
use crate::cell::{Cell, Merge, NumberClass};
use crate::error::SheetError;
use crate::kind::TextFile;
use crate::limits::MAX_COLUMNS;
use crate::text::Utf8Reader;

/// Merged ranges that are remembered.
const MAX_MERGES: usize = 100_000;
/// Rows that one cell may span.
const MAX_SPAN: u32 = 65_534;

pub(crate) fn read(file: &TextFile, out: &mut Output<'_>) -> Result<(), SheetError> {
    let (content, replaced) = Utf8Reader::read_whole(Rc::clone(&file.file), file.encoding)
        .map_err(|_| SheetError::Damaged { row: 0 })?;
    out.replaced = replaced;
    let mut page = Page {
        out,
        row: 0,
        column: 0,
        depth: 0,
        in_row: false,
        cell: None,
        spanned: HashMap::new(),
        wanted: true,
    };
    let mut rest = content.as_str();
    while page.wanted {
        let Some(at) = rest.find('<') else {
            page.text(rest);
            break;
        };
        page.text(&rest[..at]);
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let Some(tag) = Tag::parse(rest) else {
            page.text("<");
            rest = &rest[1..];
            continue;
        };
        rest = &rest[tag.length..];
        if !tag.closes && ["style", "script", "xml"].iter().any(|&name| tag.is(name)) {
            rest = after_end_tag(rest, tag.name);
            continue;
        }
        page.out.thousandths =
            u16::try_from((content.len() - rest.len()) as u64 * 1000 / content.len() as u64)
                .unwrap_or(1000);
        page.tag(&tag)?;
    }
    page.end_row()
}

fn after_end_tag<'a>(rest: &'a str, name: &str) -> &'a str {
    let mut from = 0;
    while let Some(at) = rest[from..].find("</") {
        let start = from + at + 2;
        if rest[start..]
            .get(..name.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(name))
        {
            return rest[start..]
                .find('>')
                .map_or("", |end| &rest[start + end + 1..]);
        }
        from = start;
    }
    ""
}

struct Tag<'a> {
    name: &'a str,
    attributes: &'a str,
    closes: bool,
    /// Bytes from `<` to `>`.
    length: usize,
}

impl<'a> Tag<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let inside = text.strip_prefix('<')?;
        let closes = inside.starts_with('/');
        let inside = inside.strip_prefix('/').unwrap_or(inside);
        if !inside.starts_with(|first: char| first.is_ascii_alphabetic() || "!?".contains(first)) {
            return None;
        }
        let mut quote = None;
        let end = inside.bytes().position(|byte| match quote {
            None if byte == b'"' || byte == b'\'' => {
                quote = Some(byte);
                false
            }
            None => byte == b'>',
            Some(open) => {
                if byte == open {
                    quote = None;
                }
                false
            }
        });
        // A quote that nothing closes ends with the tag after all.
        let end = end.or_else(|| inside.find('>'))?;
        let body = &inside[..end];
        let name_end = body
            .find(|part: char| part.is_whitespace() || part == '/')
            .unwrap_or(body.len());
        Some(Self {
            name: &body[..name_end],
            attributes: &body[name_end..],
            closes,
            length: end + 2 + usize::from(closes),
        })
    }

    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The value of an attribute, with or without quotes; empty where it has none.
    fn attribute(&self, name: &str) -> Option<&'a str> {
        let mut rest = self.attributes.trim_start();
        while !rest.is_empty() {
            let key_end = rest
                .find(|part: char| part.is_whitespace() || part == '=')
                .unwrap_or(rest.len());
            let key = &rest[..key_end];
            rest = rest[key_end..].trim_start();
            let mut value = "";
            if let Some(after) = rest.strip_prefix('=') {
                let after = after.trim_start();
                let quote = after
                    .chars()
                    .next()
                    .filter(|&first| first == '"' || first == '\'');
                (value, rest) = match quote {
                    Some(quote) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
                    None => after
                        .split_once(char::is_whitespace)
                        .unwrap_or((after.trim_end_matches('/'), "")),
                };
                rest = rest.trim_start();
            } else if key.is_empty() {
                rest = rest.get(1..).unwrap_or("");
            }
            if key.eq_ignore_ascii_case(name) {
                return Some(value);
            }
        }
        None
    }
}

struct Page<'a, 'b> {
    out: &'a mut Output<'b>,
    row: u32,
    column: usize,
    /// Tables within tables belong to the cell they stand in.
    depth: u32,
    in_row: bool,
    cell: Option<OpenCell>,
    /// Columns covered from above, and down to which row.
    spanned: HashMap<usize, u32>,
    wanted: bool,
}

struct OpenCell {
    text: String,
    columns: u32,
    rows: u32,
    /// The raw number that Excel keeps beside the text it shows.
    number: Option<f64>,
    class: NumberClass,
}

impl Page<'_, '_> {
    fn text(&mut self, raw: &str) {
        if let Some(cell) = &mut self.cell {
            for part in unescape(raw).chars() {
                let space = matches!(part, ' ' | '\n' | '\t' | '\r');
                if !space {
                    cell.text.push(part);
                } else if !cell.text.ends_with([' ', '\n']) && !cell.text.is_empty() {
                    cell.text.push(' ');
                }
            }
        }
    }

    fn tag(&mut self, tag: &Tag<'_>) -> Result<(), SheetError> {
        if tag.is("table") {
            if tag.closes {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    self.end_row()?;
                    self.spanned.clear();
                }
            } else {
                self.depth += 1;
            }
        } else if self.depth > 1 {
            if tag.is("td") || tag.is("tr") {
                self.text(" ");
            }
        } else if tag.is("tr") {
            self.end_row()?;
            if !tag.closes {
                self.begin_row();
            }
        } else if tag.is("td") || tag.is("th") {
            self.end_cell();
            if !tag.closes {
                self.begin_cell(tag);
            }
        } else if (tag.is("br") || (tag.is("p") && tag.closes) || (tag.is("div") && tag.closes))
            && let Some(cell) = &mut self.cell
        {
            let trimmed = cell.text.trim_end_matches(' ').len();
            cell.text.truncate(trimmed);
            cell.text.push('\n');
        }
        Ok(())
    }

    fn begin_row(&mut self) {
        self.row += 1;
        self.column = 0;
        self.in_row = true;
        self.out.begin_row(self.row, false);
    }

    fn begin_cell(&mut self, tag: &Tag<'_>) {
        if !self.in_row {
            self.begin_row();
        }
        let row = self.row;
        while self
            .spanned
            .get(&self.column)
            .is_some_and(|&last| last >= row)
        {
            self.column += 1;
        }
        let span = |name, most| {
            let count = tag
                .attribute(name)
                .and_then(|count| count.trim().parse().ok());
            count.unwrap_or(1u32).clamp(1, most)
        };
        let style = tag.attribute("style").unwrap_or_default();
        let number = tag
            .attribute("x:num")
            .and_then(|raw| raw.trim().parse().ok());
        self.cell = Some(OpenCell {
            text: String::new(),
            columns: span("colspan", 16_384),
            rows: span("rowspan", MAX_SPAN),
            number,
            class: if style.contains("\\@") || tag.attribute("x:str").is_some() {
                NumberClass::Text
            } else {
                NumberClass::General
            },
        });
    }

    fn end_cell(&mut self) {
        let Some(cell) = self.cell.take() else {
            return;
        };
        let text = cell.text.trim_end();
        let value = match cell.number {
            Some(number) if cell.class != NumberClass::Text => Cell::Number(number),
            _ => Cell::Text(text),
        };
        self.out.set(self.column, value, cell.class);
        let last_row = self.row + cell.rows - 1;
        let next = self.column + cell.columns as usize;
        if cell.rows > 1 {
            for column in (self.column..next).take(MAX_COLUMNS) {
                self.spanned.insert(column, last_row);
            }
        }
        if (cell.rows > 1 || cell.columns > 1) && self.out.merges.len() < MAX_MERGES {
            let first_column = u32::try_from(self.column).unwrap_or(u32::MAX);
            self.out.merges.push(Merge {
                first_row: self.row,
                first_column,
                last_row,
                last_column: first_column.saturating_add(cell.columns - 1),
            });
        }
        self.column = next;
    }

    fn end_row(&mut self) -> Result<(), SheetError> {
        self.end_cell();
        if std::mem::take(&mut self.in_row) && self.wanted {
            self.wanted = self.out.end_row()?.is_continue();
        }
        Ok(())
    }
}

/// Character references replaced; unknown ones stay as they are.
fn unescape(raw: &str) -> Cow<'_, str> {
    if !raw.contains('&') {
        return Cow::Borrowed(raw);
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        let known = end.and_then(|end| Some((reference(&rest[1..end])?, end + 1)));
        let (part, length) = known.unwrap_or(('&', 1));
        text.push(part);
        rest = &rest[length..];
    }
    text.push_str(rest);
    Cow::Owned(text)
}

fn reference(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "ensp" => '\u{2002}',
        "emsp" => '\u{2003}',
        "yen" => '¥',
        "middot" => '·',
        "mdash" => '—',
        "ndash" => '–',
        "hellip" => '…',
        "ldquo" => '“',
        "rdquo" => '”',
        "lsquo" => '‘',
        "rsquo" => '’',
        "times" => '×',
        "deg" => '°',
        "copy" => '©',
        "reg" => '®',
        "bull" => '•',
        _ => return None,
    })
}
