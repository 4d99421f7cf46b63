//! What is asked for the guard's sake.

use super::*;

pub(super) fn ask_of_guard(reader: &Reader) {
    reader.list_added_folders(AT).unwrap();
    reader.list_guarded(None, 10).unwrap();
    reader.list_guarded(Some("1"), 10).unwrap();
    let ledger = reader.ledger();
    assert_eq!(ledger.list_alive(AT).unwrap().len(), 1);
    ledger.list_models(&"s".into()).unwrap();
    assert_eq!(ledger.list_below(&"s".into(), &"a1".into()).unwrap().first(), Some(&"a1".into()));
}

pub(super) fn budget(scope: BudgetScope) -> Budget {
    Budget {
        name: scope.as_str().to_owned(),
        scope,
        selector: None,
        period: BudgetPeriod::Session,
        amount: PicoUsd(1),
        steps: vec![100],
        has_forecast: false,
        has_stop: false,
    }
}
