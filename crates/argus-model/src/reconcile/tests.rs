//! Each reason by itself, and the sum rules for any statements and requests.

use super::*;
use crate::Usage;

fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(second * 1_000_000)
}

fn counted(input_tokens: i64, cost: i64) -> Counted {
    Counted { cost: PicoUsd(cost), input_tokens, ..Counted::default() }
}

/// A statement of the account opened at `opened`, after runs of so many seconds.
fn statement(session: &str, (opened, runs_s): (i64, i64), model: Counted) -> CostStatement {
    CostStatement {
        session_id: session.into(),
        opened_at: at(opened),
        runs_ms: runs_s * 1_000,
        at: at(opened + runs_s),
        forked_from: None,
        copied_until: None,
        has_unknown_model: false,
        total: model.cost,
        models: [("opus".to_owned(), model)].into(),
    }
}

fn request(second: i64, input_tokens: i64, cost: i64) -> KnownRequest {
    let usage = Usage { input_tokens: input_tokens.cast_unsigned(), ..Usage::default() };
    let priced = crate::Cost { amount: Some(PicoUsd(cost)), basis: CostBasis::Priced };
    KnownRequest {
        at: at(second),
        done_at: at(second),
        model: "opus".to_owned(),
        is_main: true,
        is_hidden: false,
        basis: CostBasis::Priced,
        knows_searches: true,
        totals: Totals::of(&usage, priced),
    }
}

/// Against statements alone.
fn reconcile(own: &[CostStatement], of_parents: &[CostStatement], requests: &[KnownRequest]) -> Reconciliation {
    super::reconcile(&Told { own, of_parents, ..Told::default() }, requests)
}

fn told(found: &Reconciliation) -> (Option<i64>, i64, Option<i64>, Option<i64>) {
    let figures = &found.figures;
    let pico = |amount: Option<PicoUsd>| amount.map(|amount| amount.0);
    (pico(figures.reported), figures.explained.0, pico(figures.hidden), pico(figures.unexplained))
}

#[test]
fn without_a_statement_nothing_is_hidden_and_nothing_is_unexplained() {
    let found = reconcile(&[], &[], &[request(5, 10, 100)]);
    assert_eq!(told(&found), (None, 100, None, None));
    assert_eq!((found.reason(), found.apart()), (Some(DriftReason::NoStatement), None));
}

#[test]
fn tokens_that_no_request_has_are_hidden() {
    let found = reconcile(&[statement("s", (0, 9), counted(25, 250))], &[], &[request(5, 10, 100)]);
    assert_eq!(told(&found), (Some(250), 100, Some(150), Some(0)));
    assert_eq!(found.reasons, [DriftReason::HiddenRequests]);
}

#[test]
fn what_telemetry_told_of_is_explained_and_said_apart() {
    let mut hidden = request(20, 15, 150);
    hidden.is_hidden = true;
    let found = reconcile(&[statement("s", (0, 9), counted(25, 250))], &[], &[request(5, 10, 100), hidden]);
    assert_eq!(told(&found), (Some(250), 250, Some(0), Some(0)));
    assert_eq!((found.figures.told_by_telemetry, found.reason()), (PicoUsd(150), None));
}

#[test]
fn searches_that_nobody_placed_hide_nothing_and_those_with_their_money_do() {
    let dollar = PicoUsd::DOLLAR;
    let told_of = |cost: i64| statement("s", (0, 9), Counted { web_search_requests: 2, ..counted(25, cost) });
    let mut searched = request(20, 15, 2 * dollar);
    (searched.is_hidden, searched.knows_searches) = (true, false);
    let found = reconcile(&[told_of(3 * dollar)], &[], &[request(5, 10, dollar), searched]);
    assert_eq!((told(&found).2, told(&found).3, found.reason()), (Some(0), Some(0), None));
    // All requests are known with their searches: what is missing was made by others.
    let found = reconcile(&[told_of(3 * dollar)], &[], &[request(5, 25, dollar)]);
    assert_eq!((told(&found).2, found.reason()), (Some(2 * dollar), Some(DriftReason::HiddenRequests)));
    let found = reconcile(&[told_of(dollar)], &[], &[request(5, 25, dollar)]);
    assert_eq!(found.reason(), None, "no money is missing");
}

#[test]
fn equal_tokens_and_other_money_are_another_price() {
    let dollar = PicoUsd::DOLLAR;
    let found = reconcile(&[statement("s", (0, 9), counted(10, 3 * dollar))], &[], &[request(5, 10, dollar)]);
    assert_eq!(told(&found), (Some(3 * dollar), dollar, Some(0), Some(2 * dollar)));
    assert_eq!(found.reason(), Some(DriftReason::PriceDiffers));
    let found = reconcile(&[statement("s", (0, 9), counted(10, dollar + 2))], &[], &[request(5, 10, dollar)]);
    assert_eq!(found.reasons, [DriftReason::Rounding]);
    assert_eq!((told(&found).3, found.reason()), (Some(2), None));
    let mut unknown = statement("s", (0, 9), counted(10, 3 * dollar));
    unknown.has_unknown_model = true;
    assert_eq!(reconcile(&[unknown], &[], &[request(5, 10, dollar)]).reason(), Some(DriftReason::UnknownModel));
}

#[test]
fn a_lower_bound_and_a_missing_price_are_never_called_hidden() {
    let mut short = request(5, 10, 100);
    short.basis = CostBasis::Incomplete;
    let more = Counted { output_tokens: 40, ..counted(10, 300) };
    let found = reconcile(&[statement("s", (0, 9), more)], &[], &[short]);
    assert_eq!((told(&found), found.reason()), ((Some(300), 100, Some(0), Some(200)), Some(DriftReason::Incomplete)));
    let mut unpriced = request(5, 10, 0);
    unpriced.basis = CostBasis::Unpriced;
    let found = reconcile(&[statement("s", (0, 9), counted(10, 300))], &[], &[unpriced]);
    assert_eq!((told(&found), found.reason()), ((Some(300), 0, Some(0), Some(300)), Some(DriftReason::Unpriced)));
}

#[test]
fn requests_beyond_the_report_are_never_set_against_what_is_hidden() {
    let found = reconcile(&[statement("s", (0, 9), counted(10, 100))], &[], &[request(5, 25, 250)]);
    assert_eq!(told(&found), (Some(100), 250, Some(0), Some(-150)));
    assert_eq!((found.reason(), found.apart()), (Some(DriftReason::FewerReported), Some(PicoUsd(150))));
}

#[test]
fn a_resume_goes_on_and_a_statement_that_is_written_twice_counts_once() {
    let own = [
        statement("s", (0, 9), counted(10, 100)),
        statement("s", (0, 10), counted(10, 100)),
        CostStatement { at: at(55), ..statement("s", (0, 20), counted(30, 300)) },
    ];
    let found = reconcile(&own, &[], &[request(5, 10, 100), request(50, 20, 200)]);
    assert_eq!(told(&found), (Some(300), 300, Some(0), Some(0)));
    assert_eq!((found.reasons.as_slice(), found.uncovered_requests), (&[][..], 0));
}

#[test]
fn a_run_that_was_killed_is_covered_by_nothing() {
    // The first run left a statement, the second was killed, the third went on from the first.
    let own = [
        statement("s", (0, 9), counted(10, 100)),
        CostStatement { at: at(105), ..statement("s", (0, 14), counted(30, 300)) },
    ];
    let requests = [request(5, 10, 100), request(50, 7, 70), request(104, 20, 200)];
    let found = reconcile(&own, &[], &requests);
    assert_eq!(told(&found), (Some(300), 300, Some(0), Some(0)));
    assert_eq!((found.uncovered, found.reasons.as_slice()), (PicoUsd(70), &[DriftReason::RunWithoutStatement][..]));
    // Until the third writes one, its requests are newer than what was reported.
    let found = reconcile(&own[..1], &[], &requests);
    assert_eq!(told(&found), (Some(100), 100, Some(0), Some(0)));
    assert_eq!((found.uncovered, found.reason()), (PicoUsd(270), Some(DriftReason::OlderThanSession)));
}

#[test]
fn a_resume_after_a_killed_first_run_opens_an_account_of_its_own() {
    let found =
        reconcile(&[statement("s", (40, 9), counted(20, 200))], &[], &[request(5, 10, 100), request(45, 20, 200)]);
    assert_eq!(told(&found), (Some(200), 200, Some(0), Some(0)));
    assert_eq!((found.uncovered, found.reason()), (PicoUsd(100), Some(DriftReason::RunWithoutStatement)));
}

#[test]
fn a_fork_is_charged_what_it_added_to_its_parents_account_as_it_stood_then() {
    let fork = CostStatement {
        at: at(64),
        forked_from: Some("p".into()),
        copied_until: Some(at(8)),
        ..statement("f", (0, 14), counted(25, 250))
    };
    let parent = [
        statement("p", (0, 9), counted(10, 100)),
        // The parent went on afterwards.
        CostStatement { at: at(90), ..statement("p", (0, 12), counted(20, 200)) },
    ];
    let own = std::slice::from_ref(&fork);
    let requests = [request(63, 15, 150)];
    assert_eq!(told(&reconcile(own, &parent, &requests)), (Some(150), 150, Some(0), Some(0)));
    let found = reconcile(own, &[], &requests);
    assert_eq!((told(&found), found.reason()), ((None, 150, None, None), Some(DriftReason::UnknownOpening)));
    // A fork that found no statement to take over opened its own account.
    let alone = CostStatement { opened_at: at(60), runs_ms: 4_000, ..fork };
    assert_eq!(told(&reconcile(&[alone], &[], &requests)).0, Some(250));
}

/// What the status line was given at a second: a total, after runs of so many seconds.
fn status(second: i64, (total, runs_s): (i64, i64)) -> StatusTotal {
    StatusTotal { session_id: "s".into(), at: at(second), total: PicoUsd(total), runs_ms: runs_s * 1_000 }
}

#[test]
fn a_session_that_runs_or_was_killed_is_reported_by_its_status_line() {
    let status = status(30, (1_100, 29));
    let alone = Told { status: Some(&status), ..Told::default() };
    let hidden = 3_000_000;
    let requests = [request(5, 10, 100), request(20, 100, 1_000), request(40, 7, 70)];
    let found = super::reconcile(&alone, &requests);
    assert_eq!(told(&found), (Some(1_100), 1_100, Some(0), Some(0)));
    assert_eq!((found.uncovered, found.reason()), (PicoUsd(70), Some(DriftReason::OlderThanSession)));
    assert_eq!((found.reported_until, found.is_by_status_line), (Some(at(30)), true));
    // What the total has beyond the requests may be hidden, but nobody told of tokens.
    let more = StatusTotal { total: PicoUsd(1_100 + hidden), ..status.clone() };
    let found = super::reconcile(&Told { status: Some(&more), ..alone }, &requests[..2]);
    assert_eq!(told(&found), (Some(1_100 + hidden), 1_100, Some(0), Some(hidden)));
    assert_eq!(found.reason(), Some(DriftReason::StatusLine));
    // An answer that was not whole by then is in no total yet.
    let mut late = request(29, 5, 50);
    late.done_at = at(33);
    let found = super::reconcile(&alone, &[requests[0].clone(), requests[1].clone(), late]);
    assert_eq!(
        (told(&found).3, found.uncovered, found.reason()),
        (Some(0), PicoUsd(50), Some(DriftReason::OlderThanSession))
    );
}

#[test]
fn the_status_line_goes_on_from_the_last_report_and_gives_way_to_a_newer_one() {
    let own = [statement("s", (0, 9), counted(10, 100))];
    // A later run, 4 seconds into which the status line tells of both.
    let status = status(104, (300, 13));
    let with = Told { own: &own, status: Some(&status), ..Told::default() };
    let requests = [request(5, 10, 100), request(50, 7, 70), request(103, 20, 200)];
    let found = super::reconcile(&with, &requests);
    assert_eq!(told(&found), (Some(300), 300, Some(0), Some(0)));
    assert_eq!((found.uncovered, found.reasons.as_slice()), (PicoUsd(70), &[DriftReason::RunWithoutStatement][..]));
    assert_eq!(found.models.iter().map(|model| model.model.as_str()).collect::<Vec<_>>(), [STATUS_LINE, "opus"]);
    let newer = [own[0].clone(), CostStatement { at: at(105), ..statement("s", (0, 14), counted(30, 300)) }];
    let with = Told { own: &newer, ..with };
    assert_eq!(super::reconcile(&with, &requests), reconcile(&newer, &[], &requests));
}

#[test]
fn a_running_fork_is_charged_what_it_added() {
    let parent = [statement("p", (0, 9), counted(10, 100))];
    let (status, running) = (status(64, (250, 13)), super::tests::status(8, (100, 8)));
    let fork = Told { status: Some(&status), copied_until: Some(at(8)), ..Told::default() };
    let requests = [request(63, 15, 150)];
    // A new process takes the parent's report over, or begins anew where there is none.
    let found = super::reconcile(&Told { of_parents: &parent, ..fork }, &requests);
    assert_eq!(told(&found), (Some(150), 150, Some(0), Some(0)));
    assert_eq!(told(&super::reconcile(&fork, &requests)).0, Some(250));
    // The same process has the parent's total, whoever tells how it stood.
    let status = StatusTotal { runs_ms: 63_000, ..status.clone() };
    let fork = Told { status: Some(&status), ..fork };
    let found = super::reconcile(&Told { of_parent: Some(&running), ..fork }, &requests);
    assert_eq!(told(&found), (Some(150), 150, Some(0), Some(0)));
    let found = super::reconcile(&fork, &requests);
    assert_eq!((told(&found), found.reason()), ((None, 150, None, None), Some(DriftReason::UnknownOpening)));
}

#[test]
fn what_is_explained_is_as_sure_as_its_weakest_request() {
    let mut one = request(5, 10, 100);
    one.basis = CostBasis::Reported;
    let own = [statement("s", (0, 9), counted(10, 100))];
    let basis = |requests: &[KnownRequest]| reconcile(&own, &[], requests).figures.explained_basis;
    assert_eq!((basis(&[]), basis(std::slice::from_ref(&one))), (None, Some(CostBasis::Reported)));
    assert_eq!(basis(&[one, request(6, 1, 1)]), Some(CostBasis::Priced));
}

#[test]
fn every_figure_adds_up_for_any_statements_and_requests() {
    let mut seed = 7_u64;
    let mut below = |bound: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % bound
    };
    for _ in 0..20_000 {
        let mut number = |bound: u64| below(bound).cast_signed();
        let own: Vec<CostStatement> = (0..number(4))
            .map(|_| {
                let mut told = statement("s", (number(3) * 40, number(60)), counted(number(40), number(400)));
                told.total = PicoUsd(told.total.0 + number(3) * number(3_000_000));
                told.has_unknown_model = number(4) == 0;
                if number(5) == 0 {
                    (told.forked_from, told.copied_until) = (Some("p".into()), Some(at(number(90))));
                }
                told
            })
            .collect();
        let parents: Vec<CostStatement> = (0..number(3))
            .map(|_| statement("p", (number(3) * 40, number(30)), counted(number(20), number(200))))
            .collect();
        let requests: Vec<KnownRequest> = (0..number(6))
            .map(|_| {
                let mut one = request(number(150), number(30), number(300));
                one.model = ["opus", "haiku"][usize::try_from(number(2)).unwrap()].to_owned();
                (one.is_main, one.is_hidden) = (number(2) == 0, number(3) == 0);
                one.done_at = at(one.at.as_micros() / 1_000_000 + number(9));
                (one.knows_searches, one.totals.web_search_requests) = (number(3) > 0, number(2));
                one.basis = [CostBasis::Priced, CostBasis::Incomplete, CostBasis::Reported]
                    [usize::try_from(number(3)).unwrap()];
                one
            })
            .collect();
        let status = (number(2) == 0).then(|| status(number(150), (number(600), number(150))));
        let of_parent = (number(2) == 0).then(|| super::tests::status(number(150), (number(200), number(60))));
        let told = Told {
            own: &own,
            of_parents: &parents,
            status: status.as_ref(),
            of_parent: of_parent.as_ref(),
            copied_until: (number(2) == 0).then(|| at(number(90))),
        };
        let found = super::reconcile(&told, &requests);
        let all: i64 = requests.iter().map(|request| request.totals.cost.0).sum();
        assert_eq!(found.figures.explained.0 + found.uncovered.0, all);
        for figures in std::iter::once(&found.figures).chain(found.models.iter().map(|model| &model.figures)) {
            let sum = figures.hidden.zip(figures.unexplained).map(|(h, u)| figures.explained.0 + h.0 + u.0);
            assert_eq!(figures.reported.map(|reported| reported.0), sum, "{found:#?}");
        }
        let mut sum = Figures { reported: found.figures.reported.map(|_| PicoUsd(0)), ..Figures::default() };
        (sum.hidden, sum.unexplained) = (sum.reported, sum.reported);
        found.models.iter().for_each(|model| sum.add(&model.figures));
        assert_eq!(sum, found.figures);
        // Order matters in no list.
        let back = |list: &[CostStatement]| list.iter().rev().cloned().collect::<Vec<_>>();
        let turned: Vec<KnownRequest> = requests.iter().rev().cloned().collect();
        let (own, of_parents) = (back(&own), back(&parents));
        assert_eq!(super::reconcile(&Told { own: &own, of_parents: &of_parents, ..told }, &turned), found);
    }
}
