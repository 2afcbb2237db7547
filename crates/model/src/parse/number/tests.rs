use super::*;
use proptest::prelude::*;

fn yuan(text: &str) -> Result<(i64, Option<&'static str>), Malformed> {
    amount(text).map(|amount| (amount.minor, amount.currency))
}

#[test]
fn the_zeros_of_a_column_hold_where_the_text_names_no_unit_of_its_own() {
    for (text, minor, currency) in [
        ("12.5", 12_500_000, None),
        ("0.12345", 123_450, None),
        ("HKD 500", 500_000_000, Some("HKD")),
        ("(3)", -3_000_000, None),
        ("3千", 300_000, None),
        ("80w", 80_000_000, None),
        ("800元", 80_000, None),
        ("壹万贰仟", 1_200_000, None),
    ] {
        let expected = Ok(Amount { minor, currency });
        assert_eq!(amount_in(text, 4), expected, "{text}");
    }
    assert_eq!(amount_in("0.1234567", 4), Err(Malformed::AmountPrecision));
    assert_eq!(
        amount_in("99999999999999999", 8),
        Err(Malformed::AmountRange)
    );
}

#[test]
fn amounts_are_exact_in_every_spelling() {
    for (text, minor, currency) in [
        ("￥1,234.50", 123_450, Some("CNY")),
        ("¥ 1234.5", 123_450, Some("CNY")),
        ("1234", 123_400, None),
        ("1200元", 120_000, None),
        ("1.2万", 1_200_000, None),
        ("0.1万", 100_000, None),
        ("1.23456万", 1_234_560, None),
        ("3亿", 30_000_000_000, None),
        ("50 万元", 50_000_000, None),
        ("50万港元", 50_000_000, Some("HKD")),
        ("RMB 1200", 120_000, Some("CNY")),
        ("人民币：1,200.00元整", 120_000, Some("CNY")),
        ("RMB¥1,200", 120_000, Some("CNY")),
        ("USD 5,000", 500_000, Some("USD")),
        ("5000美元", 500_000, Some("USD")),
        ("$5,000.00", 500_000, Some("USD")),
        ("HK$5,000", 500_000, Some("HKD")),
        ("JPY 1200", 1200, Some("JPY")),
        ("(1,234)", -123_400, None),
        ("（￥1,234.00）", -123_400, Some("CNY")),
        ("-1,234.00", -123_400, None),
        ("¥-12", -1200, Some("CNY")),
        ("１２，３４５．６７", 1_234_567, None),
        ("12,3456", 12_345_600, None),
        ("壹万贰仟元整", 1_200_000, None),
        ("人民币壹佰贰拾叁元肆角伍分", 12_345, Some("CNY")),
        ("壹佰元零伍分", 10_005, None),
        ("3元5角", 350, None),
        ("1.2E4", 1_200_000, None),
        ("5k", 500_000, None),
        ("0", 0, None),
        ("92233720368547758.07", i64::MAX, None),
    ] {
        assert_eq!(yuan(text), Ok((minor, currency)), "{text}");
    }
}

#[test]
fn amounts_that_cannot_be_kept_exactly_are_refused() {
    for (text, code) in [
        ("1.234", Malformed::AmountPrecision),
        ("1.23456789万", Malformed::AmountPrecision),
        ("JPY 1.5", Malformed::AmountPrecision),
        ("92233720368547758.08", Malformed::AmountRange),
        (
            "999999999999999999999999999999999999999999",
            Malformed::AmountRange,
        ),
        ("1e30", Malformed::AmountRange),
        ("", Malformed::AmountFormat),
        ("约5万", Malformed::AmountFormat),
        ("5-10万", Malformed::AmountFormat),
        ("12,34", Malformed::AmountFormat),
        ("1.2.3", Malformed::AmountFormat),
        ("--5", Malformed::AmountFormat),
        ("¥", Malformed::AmountFormat),
        ("三千五", Malformed::AmountFormat),
        ("面议", Malformed::AmountFormat),
    ] {
        assert_eq!(yuan(text), Err(code), "{text}");
    }
}

#[test]
fn a_cells_binary_noise_is_rounded_but_a_third_decimal_is_not() {
    assert_eq!(amount_of_cell(0.1 + 0.2), Ok(30));
    assert_eq!(amount_of_cell(1234.5), Ok(123_450));
    assert_eq!(amount_of_cell(-0.29), Ok(-29));
    assert_eq!(
        amount_of_cell(1e15 / 3.0 * 3.0),
        Ok(100_000_000_000_000_000)
    );
    assert_eq!(amount_of_cell(33.333), Err(Malformed::AmountPrecision));
    assert_eq!(
        amount_of_cell(1_234_567.005),
        Err(Malformed::AmountPrecision)
    );
    assert_eq!(amount_of_cell(1e20), Err(Malformed::AmountRange));
    assert_eq!(amount_of_cell(f64::NAN), Err(Malformed::AmountFormat));
}

#[test]
fn numbers_integers_and_percentages_are_read() {
    assert_eq!(
        number("1,234.50").map(|n| n.to_string()),
        Ok("1234.5".into())
    );
    assert_eq!(number("-0.05").map(Decimal::to_f64), Ok(-0.05));
    assert_eq!(number("1.5E-3").map(|n| n.to_string()), Ok("0.0015".into()));
    assert_eq!(number("1e-99"), Err(Malformed::NumberRange));
    assert_eq!(number("12元"), Err(Malformed::NumberFormat));
    assert_eq!(integer("１２"), Ok(12));
    assert_eq!(integer("12.0"), Ok(12));
    assert_eq!(integer("12.5"), Err(Malformed::NumberFormat));
    assert_eq!(integer("99999999999999999999"), Err(Malformed::NumberRange));
    for text in ["13%", "１３％", "13 %", "13", "百分之十三"] {
        assert_eq!(
            percent(text).map(|n| n.to_string()),
            Ok("13".into()),
            "{text}"
        );
    }
    assert_eq!(percent("%"), Err(Malformed::NumberFormat));
}

proptest! {
    #[test]
    fn every_amount_of_cents_survives_writing_and_reading(minor in any::<i64>()) {
        let decimal = Decimal::new(i128::from(minor), 2);
        prop_assert_eq!(amount(&decimal.to_string()).map(|a| a.minor), Ok(minor));
    }

    #[test]
    fn every_cent_that_a_cell_can_hold_is_read(minor in -9_000_000_000_000i64..9_000_000_000_000) {
        let decimal = Decimal::new(i128::from(minor), 2);
        prop_assert_eq!(amount_of_cell(decimal.to_f64()), Ok(minor));
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[-0-9.,()万亿元角分e%¥$ 一十]{0,24}|\\PC{0,12}") {
        let _ = (amount(&text), number(&text), integer(&text), percent(&text));
    }
}
