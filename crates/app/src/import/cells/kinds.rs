//! One kind of value at a time: text, phones, e-mails, numbers, percentages, yes and no.

use super::*;

/// What stands in a cell, as text. Refused where a number has lost digits that the text had.
pub(super) fn written(
    cell: Cell<'_>,
    class: NumberClass,
) -> Result<std::borrow::Cow<'_, str>, Fault> {
    use std::borrow::Cow;
    Ok(match cell {
        Cell::Text(text) => Cow::Borrowed(text),
        Cell::Number(number) if number.abs() >= EXACT => {
            return Err(Fault::error("precision_lost"));
        }
        Cell::Number(number) if class == NumberClass::Percent => {
            Cow::Owned(format!("{}%", points(number)))
        }
        Cell::Number(number) => Cow::Owned(number.to_string()),
        Cell::DateTime(serial) => Cow::Owned(match cell.datetime() {
            Some(at) if class == NumberClass::Time => at.format("%H:%M").to_string(),
            Some(at) if at.time() == NaiveTime::MIN => at.date().to_string(),
            Some(at) => at.format("%Y-%m-%d %H:%M").to_string(),
            None => serial.to_string(),
        }),
        Cell::Bool(yes) => Cow::Borrowed(if yes { "是" } else { "否" }),
        Cell::Empty | Cell::Error(_) | Cell::FormulaWithoutValue => Cow::Borrowed(""),
    })
}

pub(super) fn plain_text(field: &FieldDef, cell: Cell<'_>, class: NumberClass) -> Reading {
    let text = match written(cell, class) {
        Ok(text) => text,
        Err(fault) => return fault.into(),
    };
    // Fifty customers whose number is "-" would be one.
    if is_nothing(&text) {
        return Reading::blank();
    }
    let read = checked(field, Value::Text(text.into_owned()));
    match read.value.as_text() {
        // Fifteen digits from before 2015: most companies have another code by now.
        Some(code) if field.format == Some(Format::Uscc) && code.len() == 15 => {
            Reading::warned(read.value, Fault::warning("uscc_legacy"))
        }
        _ => read,
    }
}

/// Brings a value through the one authority on what the field may hold.
pub(super) fn checked(field: &FieldDef, value: Value) -> Reading {
    match check_value(field, value) {
        Ok(value) => value.into(),
        Err(error) => {
            let params = error.params.into_iter().collect();
            let fault = Fault {
                params,
                ..Fault::error(error.code)
            };
            fault.into()
        }
    }
}

pub(super) fn phones(cell: Cell<'_>, class: NumberClass) -> Reading {
    let text = match written(cell, class) {
        Ok(text) => text,
        Err(fault) => return fault.into(),
    };
    if is_nothing(&text) {
        return Reading::blank();
    }
    if let Cell::Number(_) = cell {
        // The sheet dropped the zero before a 区号.
        let phone = Phone::parse(&text).or_else(|malformed| {
            let with_zero = Phone::parse(&format!("0{text}")).ok();
            with_zero
                .filter(|phone| phone.kind == PhoneKind::Landline)
                .ok_or(malformed)
        });
        return match phone {
            Ok(phone) => Value::Text(phone.canonical).into(),
            Err(malformed) => Fault::from(malformed).into(),
        };
    }
    let mut phones = Vec::new();
    for piece in split_phones(&text) {
        match Phone::parse(piece) {
            Ok(phone) => phones.push(phone.canonical),
            Err(_) if is_nothing(piece) => {}
            Err(malformed) => return Fault::from(malformed).into(),
        }
    }
    first_and_rest(phones)
}

pub(super) fn emails(field: &FieldDef, cell: Cell<'_>, class: NumberClass) -> Reading {
    let text = match written(cell, class) {
        Ok(text) if is_nothing(&text) => return Reading::blank(),
        Ok(text) => text,
        Err(fault) => return fault.into(),
    };
    let mut addresses = Vec::new();
    let between =
        |c: char| matches!(c, ';' | '；' | ',' | '，' | '、' | '/' | '|') || c.is_whitespace();
    for piece in text
        .split(between)
        .map(clean)
        .filter(|piece| !is_nothing(piece))
    {
        match check_value(field, Value::Text(piece.into_owned())) {
            Ok(Value::Text(address)) => addresses.push(address),
            Ok(_) => {}
            Err(error) => return Fault::error(error.code).into(),
        }
    }
    first_and_rest(addresses)
}

pub(super) fn first_and_rest(mut values: Vec<String>) -> Reading {
    if values.is_empty() {
        return Reading::blank();
    }
    let first = values.remove(0);
    values.retain(|other| *other != first);
    Reading {
        value: Value::Text(first),
        rest: values,
        ..Reading::default()
    }
}

pub(super) fn plain_number(field: &FieldDef, cell: Cell<'_>, class: NumberClass) -> Reading {
    match cell {
        Cell::Number(number) if class == NumberClass::Percent => {
            checked(field, Value::Number(points(number)))
        }
        Cell::Number(number) => checked(field, Value::Number(number)),
        Cell::Text(text) if is_nothing(text) => Reading::blank(),
        Cell::Text(text) => match number::number(text) {
            Ok(decimal) => checked(field, Value::Number(decimal.to_f64())),
            Err(malformed) => Fault::from(malformed).into(),
        },
        _ => Fault::from(Malformed::NumberFormat).into(),
    }
}

pub(super) fn percent(field: &FieldDef, cell: Cell<'_>, class: NumberClass) -> Reading {
    match cell {
        // Formats that do not tell a percentage keep it as a fraction all the same: 0.13, 1.
        Cell::Number(number)
            if class == NumberClass::Percent || (number > 0.0 && number <= 1.0) =>
        {
            checked(field, Value::Number(points(number)))
        }
        Cell::Number(number) => checked(field, Value::Number(number)),
        Cell::Text(text) if is_nothing(text) => Reading::blank(),
        Cell::Text(text) => match number::percent(text) {
            // The same sheet saved as text says the same.
            Ok(decimal) if !text.contains(['%', '％', '百']) => {
                percent(field, Cell::Number(decimal.to_f64()), NumberClass::General)
            }
            Ok(decimal) => checked(field, Value::Number(decimal.to_f64())),
            Err(malformed) => Fault::from(malformed).into(),
        },
        _ => Fault::from(Malformed::NumberFormat).into(),
    }
}

/// Percentage points of a fraction, freed of the noise that multiplying by a hundred brings.
pub(super) fn points(fraction: f64) -> f64 {
    (fraction * 1e12).round() / 1e10
}

pub(super) fn yes_or_no(cell: Cell<'_>) -> Reading {
    match cell {
        Cell::Bool(yes) => Value::Bool(yes).into(),
        Cell::Number(number) if number == 0.0 || number == 1.0 => Value::Bool(number == 1.0).into(),
        Cell::Text(text) => match boolean::boolean(text) {
            Ok(yes) => Value::Bool(yes).into(),
            Err(_) if is_nothing(text) => Reading::blank(),
            Err(malformed) => Fault::from(malformed).into(),
        },
        _ => Fault::from(Malformed::BooleanFormat).into(),
    }
}
