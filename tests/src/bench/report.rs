//! Figures with their limits, printed as they come.
#![allow(clippy::print_stdout, reason = "figures are what the bench is for")]

use std::ops::RangeInclusive;

use anyhow::{Result, ensure};

#[derive(Debug)]
pub struct Report {
    checked: bool,
    missed: Vec<String>,
}

/// Several measurements of one thing.
#[derive(Debug, Default, Clone)]
pub struct Sample(Vec<f64>);

impl Sample {
    pub fn add(&mut self, value: f64) {
        self.0.push(value);
        self.0.sort_by(f64::total_cmp);
    }

    pub fn median(&self) -> f64 {
        self.at(0.5)
    }

    pub fn p95(&self) -> f64 {
        self.at(0.95)
    }

    pub fn p99(&self) -> f64 {
        self.at(0.99)
    }

    pub fn most(&self) -> f64 {
        self.0.last().copied().unwrap_or(f64::NAN)
    }

    pub fn least(&self) -> f64 {
        self.0.first().copied().unwrap_or(f64::NAN)
    }

    pub fn extend(&mut self, other: &Self) {
        for value in &other.0 {
            self.add(*value);
        }
    }

    /// The smallest measurement that at least this share of all do not exceed.
    fn at(&self, share: f64) -> f64 {
        #[allow(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss
        )]
        let rank = (self.0.len() as f64 * share).ceil() as usize;
        self.0.get(rank.max(1) - 1).copied().unwrap_or(f64::NAN)
    }
}

impl FromIterator<f64> for Sample {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        Self(values)
    }
}

impl Report {
    pub fn new(checked: bool) -> Self {
        Self {
            checked,
            missed: Vec::new(),
        }
    }

    pub fn say(&self, text: &str) {
        println!("{text}");
    }

    /// A figure without a limit.
    pub fn note(&self, name: &str, sample: &Sample, unit: &str) {
        println!("  {name:<44} {}", shown(sample, unit));
    }

    /// A figure that may not leave its range; one that may be anything is only told.
    pub fn limit(
        &mut self,
        name: &str,
        value: f64,
        detail: &str,
        unit: &str,
        range: &RangeInclusive<f64>,
    ) {
        let (least, most) = (range.start(), range.end());
        let limit = match (*least > 0.0, most.is_finite()) {
            (true, true) => format!("{least}-{most}"),
            (true, false) => format!(">= {least}"),
            (false, _) => format!("<= {most}"),
        };
        let met = range.contains(&value);
        let mark = match (self.checked, met) {
            (false, _) => "",
            (true, true) => "  ok",
            (true, false) => "  MISSED",
        };
        if range == &(0.0..=f64::INFINITY) {
            println!("  {name:<44} {value:>8.2} {unit:<3} {detail}");
            return;
        }
        println!("  {name:<44} {value:>8.2} {unit:<3} {detail:<24} limit {limit} {unit}{mark}");
        if self.checked && !met {
            self.missed
                .push(format!("{name}: {value:.2} {unit}, limit {limit}"));
        }
    }

    /// The median of a sample against its limit.
    pub fn limit_median(&mut self, name: &str, sample: &Sample, unit: &str, most: f64) {
        let spread = format!("({:.2}-{:.2})", sample.least(), sample.most());
        self.limit(name, sample.median(), &spread, unit, &(0.0..=most));
    }

    pub fn end(self) -> Result<()> {
        if !self.checked {
            println!("quick: the limits are for the full size and were not checked");
        }
        ensure!(
            self.missed.is_empty(),
            "limits missed:\n  {}",
            self.missed.join("\n  ")
        );
        Ok(())
    }
}

fn shown(sample: &Sample, unit: &str) -> String {
    format!(
        "{:>8.2} {unit:<3} ({:.2}-{:.2})",
        sample.median(),
        sample.least(),
        sample.most()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_and_95th_percentile_are_measurements_that_were_made() {
        let mut sample = Sample::default();
        for value in (1..=100).rev() {
            sample.add(f64::from(value));
        }
        assert_eq!((sample.median(), sample.p95()), (50.0, 95.0));
        assert_eq!((sample.least(), sample.most()), (1.0, 100.0));
        let mut three = Sample::default();
        [3.0, 1.0, 2.0]
            .into_iter()
            .for_each(|value| three.add(value));
        assert_eq!((three.median(), three.p95()), (2.0, 3.0));
    }

    #[test]
    fn a_missed_limit_fails_the_run_unless_it_is_a_quick_one() {
        let mut full = Report::new(true);
        full.limit("met", 2.5, "", "x", &(2.3..=3.3));
        full.limit("too fast a reference", 2.0, "", "x", &(2.3..=3.3));
        let error = full.end().map_err(|error| error.to_string());
        assert_eq!(
            error,
            Err("limits missed:\n  too fast a reference: 2.00 x, limit 2.3-3.3".to_owned())
        );
        let mut quick = Report::new(false);
        quick.limit("far off", 9.0, "", "x", &(0.0..=1.0));
        assert!(quick.end().is_ok());
    }
}
