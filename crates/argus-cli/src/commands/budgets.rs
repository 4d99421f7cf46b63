//! `argus budgets`: how each budget stands, with bars.

use argus_api::dto::{BudgetAccount, BudgetList, BudgetRecord, BudgetScopeWord};
use argus_api::list_budgets;
use argus_model::budget::BurnLimits;
use argus_model::{Cost, PicoUsd};

use super::{Format, open_reader, with_advice};
use crate::configuration::Configuration;
use crate::failure::Done;
use crate::output::{Align, Cell, Screen, Style, Table, UNKNOWN, print_answer, print_json, render_usd, tell, visible};
use crate::when;

/// Columns of a full bar.
const BAR_WIDTH: i64 = 20;

/// Prints how the budgets of the file stand.
pub(super) fn run(configuration: &Configuration, format: Format) -> Done {
    let thresholds = configuration.settings.rules.thresholds;
    let limits = BurnLimits { floor: PicoUsd(thresholds.burn_floor_picousd), factor: thresholds.burn_factor };
    for problem in &configuration.budget_problems {
        tell(problem);
    }
    let Some(reader) = open_reader(configuration)? else {
        tell("Nothing was captured yet. `argus up` starts capturing, `argus import` reads what there is.");
        return Ok(());
    };
    let list = list_budgets(&reader, &configuration.settings.budgets, &limits, when::now()).map_err(with_advice)?;
    if format == Format::Json {
        return print_json(&BudgetList { problems: configuration.budget_problems.clone(), ..list });
    }
    if list.budgets.is_empty() {
        let file = configuration.data.configuration();
        tell(&format!("No budget is set. Set one on the settings page, or in {} as [[budgets]].", file.display()));
        return Ok(());
    }
    print_answer(&render(&list, Screen::of_stdout()))?;
    tell(&format!("Days, weeks and months of {}; estimates at list prices.", visible(&list.tz)));
    Ok(())
}

fn render(list: &BudgetList, screen: Screen) -> String {
    let mut table = Table::new(&[
        ("BUDGET", Align::Flexible),
        ("PERIOD", Align::Left),
        ("SPENT", Align::Right),
        ("OF", Align::Right),
        ("USED", Align::Right),
        ("LIKELY", Align::Right),
        ("", Align::Spare),
    ]);
    for record in &list.budgets {
        for account in &record.accounts {
            table.push(line(record, account));
        }
        let hidden = record.account_count - record.accounts.len();
        if record.accounts.is_empty() || hidden > 0 {
            let rest = if hidden > 0 { format!("and {hidden} more") } else { "nobody yet".to_owned() };
            let name = Cell::styled(format!("{}  {rest}", record.budget.name), Style::Dim);
            let amount = render_usd(Some(Cost {
                amount: Some(record.budget.amount_usd.0),
                basis: argus_model::CostBasis::Reported,
            }));
            let period = period_words(record);
            table.push([name, period.into(), UNKNOWN.into(), amount.into(), UNKNOWN.into(), UNKNOWN.into(), "".into()]);
        }
    }
    table.render(screen)
}

fn period_words(record: &BudgetRecord) -> String {
    match record.budget.period {
        argus_api::dto::BudgetPeriodWord::Session => format!("session, {}", record.period_label),
        _ => record.period_label.clone(),
    }
}

fn line(record: &BudgetRecord, account: &BudgetAccount) -> [Cell; 7] {
    let money = |amount: PicoUsd, basis| render_usd(Some(Cost { amount: Some(amount), basis }));
    let is_id = matches!(record.budget.scope, BudgetScopeWord::Session | BudgetScopeWord::All);
    // A project by its folder: the whole path has no room beside the budget's name.
    let folder = |owner: &str| owner.rsplit('/').find(|part| !part.is_empty()).unwrap_or(owner).to_owned();
    let owner =
        account.owner.as_deref().map(|owner| if is_id { super::sessions::short_id(owner) } else { folder(owner) });
    let name = owner.map_or_else(|| record.budget.name.clone(), |owner| format!("{}  {owner}", record.budget.name));
    let style = match account.percent {
        100.. => Style::Bad,
        80.. => Style::Warning,
        _ => Style::Plain,
    };
    let likely = account.forecast.as_ref().map_or_else(
        || UNKNOWN.to_owned(),
        |forecast| {
            let (low, high) = (forecast.low_usd.0, forecast.high_usd.0);
            let basis = argus_model::CostBasis::Priced;
            format!("{} ({} to {})", money(forecast.likely_usd.0, basis), money(low, basis), money(high, basis))
        },
    );
    [
        Cell::from(name),
        period_words(record).into(),
        Cell::styled(money(account.spent_usd.0, account.cost_basis.into()), style),
        money(record.budget.amount_usd.0, argus_model::CostBasis::Reported).into(),
        Cell::styled(format!("{} %", account.percent), style),
        likely.into(),
        Cell::styled(bar(account.percent), Style::Dim),
    ]
}

/// Full at a hundred percent; what goes beyond has its sign.
fn bar(percent: i64) -> String {
    let columns = usize::try_from((percent * BAR_WIDTH / 100).clamp(0, BAR_WIDTH)).unwrap_or(0);
    let rest = usize::try_from(BAR_WIDTH).unwrap_or(0) - columns;
    format!("{}{}{}", "█".repeat(columns), "░".repeat(rest), if percent > 100 { "▶" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_full_at_a_hundred_percent_and_says_what_goes_beyond() {
        assert_eq!(bar(0), "░".repeat(20));
        assert_eq!(bar(50), format!("{}{}", "█".repeat(10), "░".repeat(10)));
        assert_eq!(bar(250), format!("{}▶", "█".repeat(20)));
    }
}
