//! Every row and modifier of the file, the totals of a generated transcript set, and Claude Code's own figures.

use argus_model::ServiceTier;

use super::*;

const NOW: &str = "2026-11-20T12:00:00Z";

fn at(text: &str) -> Timestamp {
    let instant: jiff::Timestamp = text.parse().unwrap();
    Timestamp::from_micros(instant.as_microsecond())
}

fn dollars(model: &str, usage: Usage, when: &str) -> (Option<String>, CostBasis) {
    let cost = PriceTable::built_in().price(model, &usage, at(when));
    (cost.amount.map(PicoUsd::to_decimal), cost.basis)
}

fn priced(text: &str) -> (Option<String>, CostBasis) {
    (Some(text.to_owned()), CostBasis::Priced)
}

/// A usage with all five classes, small enough for the first tier.
fn mixed() -> Usage {
    Usage {
        input_tokens: 1_000,
        output_tokens: 2_000,
        cache_write_5m_tokens: 3_000,
        cache_write_1h_tokens: 4_000,
        cache_read_tokens: 5_000,
        ..Usage::default()
    }
}

/// The listed dollars of a class for a million tokens, as the shortest decimal text.
fn listed(rates: &serde_json::Value, class: &str) -> String {
    rates[class].as_f64().unwrap().to_string()
}

/// The price of a million tokens of one class, asked for in tenths so that the first tier holds.
fn priced_per_million(model: &str, class: &str, beside_tokens: u64, when: Timestamp) -> String {
    let tokens = 100_000;
    let only = |class: &str, beside: u64| {
        let mut usage = Usage { cache_read_tokens: beside, ..Usage::default() };
        match class {
            "input" => usage.input_tokens += tokens,
            "output" => usage.output_tokens += tokens,
            "cache_write_5m" => usage.cache_write_5m_tokens += tokens,
            "cache_write_1h" => usage.cache_write_1h_tokens += tokens,
            "cache_read" => usage.cache_read_tokens += tokens,
            _ => {}
        }
        PriceTable::built_in().price(model, &usage, when).amount.unwrap().0
    };
    PicoUsd((only(class, beside_tokens) - only("none", beside_tokens)) * 10).to_decimal()
}

const CLASSES: [&str; 5] = ["input", "output", "cache_write_5m", "cache_write_1h", "cache_read"];

#[test]
fn every_listed_rate_is_priced_to_the_digit_for_every_id() {
    let file: serde_json::Value = serde_json::from_str(include_str!("../prices.json")).unwrap();
    let mut seen = 0;
    for row in file["first_party"].as_array().unwrap() {
        let day = row["effective_from"].as_str().unwrap_or("2026-01-01");
        let when = at(&format!("{day}T00:00:00Z"));
        for id in row["ids"].as_array().unwrap() {
            let id = id.as_str().unwrap();
            for class in CLASSES {
                assert_eq!(priced_per_million(id, class, 0, when), listed(row, class), "{id} {class} {day}");
                seen += 1;
            }
            for tier in row["tiers"].as_array().into_iter().flatten() {
                let above = tier["above_prompt_tokens"].as_u64().unwrap() + 1;
                // Some tiers hold only where the long context was asked for.
                let name = if tier["only_with"].is_string() { format!("{id}[1m]") } else { id.to_owned() };
                for class in CLASSES {
                    assert_eq!(
                        priced_per_million(&name, class, above, when),
                        listed(tier, class),
                        "{name} {class} tier"
                    );
                    seen += 1;
                }
            }
            if let Some(fast) = row["fast"].as_object() {
                let multiplier = fast["multiplier"].as_f64().unwrap();
                for class in ["input", "output"] {
                    let standard = row[class].as_f64().unwrap();
                    assert_eq!((standard * multiplier).to_string(), fast[class].as_f64().unwrap().to_string(), "{id}");
                }
            }
        }
    }
    assert!(seen > 150, "{seen}");
}

#[test]
fn the_models_with_a_regional_price_are_those_of_the_listed_generations() {
    // claude-family-major[-minor][-date]; the old order claude-3-family has no generation here.
    let generation = |id: &str| {
        let mut parts = id.split('-').skip(2).take_while(|part| part.len() == 1).filter_map(|part| part.parse().ok());
        (parts.next().unwrap_or(0_u32), parts.next().unwrap_or(0_u32))
    };
    for id in PriceTable::built_in().ids().filter(|id| !id.ends_with("preview") && !id.starts_with("claude-3")) {
        let row = &PriceTable::built_in().rows(id).unwrap()[0];
        assert_eq!(row.has_us_price, generation(id) >= (4, 6), "{id}");
        assert_eq!(row.has_regional_price, generation(id) >= (4, 5), "{id}");
    }
}

#[test]
fn a_day_decides_between_the_rows_of_a_model() {
    let reads = Usage { cache_read_tokens: 1_000_000, ..Usage::default() };
    for (when, price) in [
        ("2026-01-01T00:00:00Z", "0.2"),
        ("2026-09-28T00:00:00Z", "0.2"),
        ("2026-10-06T23:59:59.999999Z", "0.2"),
        ("2026-10-07T00:00:00Z", "0.1"),
        ("2027-03-01T00:00:00Z", "0.1"),
    ] {
        assert_eq!(dollars("claude-sonnet-5-5", reads, when), priced(price), "{when}");
    }
}

#[test]
fn after_a_listed_end_without_a_successor_nothing_is_known() {
    let file = include_str!("../prices.json").replace("\"effective_from\": \"2026-10-07\"", "\"effective_to\": \"x\"");
    assert!(PriceTable::from_json(&file).is_err());
    let rates = r#""input":1,"output":1,"cache_write_5m":1,"cache_write_1h":1,"cache_read":1"#;
    let modifiers = r#"{"batch":{"multiplier":0.5},"inference_geo_us":{"multiplier":1.1,"ids":[]},
        "bedrock_vertex_regional":{"multiplier":1.1,"ids":[]},"web_search":{"usd_per_use":0.01}}"#;
    let ended = format!(r#"{{"ids":["m"],{rates},"effective_from":"2026-01-01","effective_to":"2026-01-31"}}"#);
    let table = PriceTable::from_json(&format!(r#"{{"modifiers":{modifiers},"first_party":[{ended}]}}"#)).unwrap();
    assert_eq!(table.price("m", &mixed(), at("2026-01-31T23:00:00Z")).basis, CostBasis::Priced);
    assert_eq!(table.price("m", &mixed(), at("2026-02-01T00:00:00Z")), UNPRICED);
    let twice = PriceTable::from_json(&format!(r#"{{"modifiers":{modifiers},"first_party":[{ended},{ended}]}}"#));
    assert!(twice.unwrap_err().to_string().contains("overlap"));
}

#[test]
fn a_tier_prices_the_whole_request_by_its_whole_prompt() {
    let prompt = |input: u64, read: u64, write: u64| Usage {
        input_tokens: input,
        cache_read_tokens: read,
        cache_write_1h_tokens: write,
        output_tokens: 1_000_000,
        ..Usage::default()
    };
    for (model, usage, price) in [
        ("claude-haiku-5-5", prompt(100_000, 0, 0), "0.51"),
        ("claude-haiku-5-5", prompt(100_001, 0, 0), "2.5500005"),
        ("claude-haiku-5-5", prompt(1, 50_000, 50_000), "2.5525005"),
        ("claude-sonnet-4-5", prompt(200_000, 0, 0), "15.6"),
        ("claude-sonnet-4-5[1m]", prompt(1, 200_000, 0), "22.620006"),
        ("claude-sonnet-4-5", prompt(1, 200_000, 0), "15.060003"),
        ("claude-sonnet-4-6[1m]", prompt(1, 200_000, 0), "15.060003"),
        ("claude-opus-5-5", prompt(500_000, 0, 0), "22"),
    ] {
        assert_eq!(dollars(model, usage, NOW), priced(price), "{model} {usage:?}");
    }
}

#[test]
fn modifiers_multiply_the_tokens_and_round_once() {
    // opus-5-5, mixed(): 1000*4 + 2000*20 + 3000*5 + 4000*8 + 5000*0.2 = 92,000 micro-dollars.
    let fast = Usage { speed: Speed::Fast, ..mixed() };
    let batch = Usage { tier: ServiceTier::Batch, ..mixed() };
    let us = Usage { geo: Geo::Us, ..mixed() };
    let priority = Usage { tier: ServiceTier::Priority, ..mixed() };
    let searched = |usage: Usage| Usage { web_search_requests: 3, ..usage };
    for (usage, price) in [
        (mixed(), "0.092"),
        (fast, "0.184"),
        (batch, "0.046"),
        (us, "0.1012"),
        (priority, "0.092"),
        (Usage { geo: Geo::Us, ..fast }, "0.2024"),
        (Usage { geo: Geo::Us, ..batch }, "0.0506"),
        (Usage { tier: ServiceTier::Batch, ..fast }, "0.184"),
        (searched(mixed()), "0.122"),
        (searched(Usage { geo: Geo::Us, ..batch }), "0.0806"),
    ] {
        assert_eq!(dollars("claude-opus-5-5", usage, NOW), priced(price), "{usage:?}");
    }
    // One cache read of haiku-5-5 is 10,000 pico-dollars: multipliers stay exact down to there.
    let one = Usage { cache_read_tokens: 1, geo: Geo::Us, tier: ServiceTier::Batch, ..Usage::default() };
    assert_eq!(dollars("claude-haiku-5-5", one, NOW), priced("0.0000000055"));
}

#[test]
fn united_states_inference_costs_more_from_generation_4_6_only() {
    let us = Usage { geo: Geo::Us, output_tokens: 1_000_000, ..Usage::default() };
    for (model, price) in [
        ("claude-sonnet-4-6", "16.5"),
        ("claude-sonnet-4-5", "15"),
        ("claude-mythos-preview", "55"),
        ("claude-fable-5-2", "44"),
        ("us.anthropic.claude-opus-5-5", "22"),
    ] {
        assert_eq!(dollars(model, us, NOW), priced(price), "{model}");
    }
}

#[test]
fn a_fast_price_ends_with_its_day_and_is_then_a_lower_bound_or_standard() {
    let fast = Usage { output_tokens: 1_000_000, speed: Speed::Fast, ..Usage::default() };
    let lower_bound = |text: &str| (Some(text.to_owned()), CostBasis::Incomplete);
    for (model, when, expected) in [
        ("claude-opus-4-8", "2026-11-30T23:59:59Z", priced("50")),
        ("claude-opus-4-8", "2026-12-01T00:00:00Z", lower_bound("25")),
        ("claude-opus-4-7", "2026-07-24T10:00:00Z", priced("150")),
        ("claude-opus-4-7", "2026-07-25T00:00:00Z", lower_bound("25")),
        ("claude-opus-4-6", "2026-06-29T10:00:00Z", priced("150")),
        ("claude-opus-4-6", "2026-06-30T00:00:00Z", priced("25")),
        ("claude-fable-5-2", NOW, priced("80")),
        ("claude-sonnet-5-5", NOW, lower_bound("10")),
    ] {
        assert_eq!(dollars(model, fast, when), expected, "{model} {when}");
    }
}

#[test]
fn a_model_is_found_under_the_spellings_of_every_provider() {
    let output = Usage { output_tokens: 1_000_000, ..Usage::default() };
    for (model, price) in [
        ("claude-opus-5-5[1m]", "20"),
        ("anthropic/claude-opus-5-5", "20"),
        ("anthropic.claude-opus-4-6-v1", "25"),
        ("anthropic.claude-opus-4-5-20251101-v1:0", "25"),
        ("global.anthropic.claude-opus-4-5-20251101-v1:0", "25"),
        ("us.anthropic.claude-opus-4-5-20251101-v1:0", "27.5"),
        ("eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "16.5"),
        ("apac.anthropic.claude-sonnet-4-20250514-v1:0", "15"),
        ("jp.anthropic.claude-sonnet-4-6[1m]", "16.5"),
        ("au.anthropic.claude-haiku-5-5", "0.55"),
        ("bedrock/eu-central-1/anthropic.claude-opus-5-5", "22"),
        ("bedrock/us.anthropic.claude-opus-5-5", "22"),
        ("anthropic.claude-3-5-sonnet-20241022-v2:0", "15"),
        ("vertex_ai/claude-opus-4-5@20251101", "25"),
        ("claude-opus-4@20250514", "75"),
        ("claude-haiku-4-5-20991231", "5"),
        ("<synthetic>", "0"),
    ] {
        assert_eq!(dollars(model, output, NOW), priced(price), "{model}");
    }
}

#[test]
fn an_unknown_model_is_unpriced_and_never_guessed() {
    for model in [
        "",
        "claude-opus-6",
        "claude-opus-4",
        "claude-sonnet-5-5-mini",
        "my-claude-opus-5-5",
        "CLAUDE-OPUS-5-5",
        "gpt-5",
        "us.claude-opus-5-5",
        "anthropic/anthropic/claude-opus-5-5",
        "claude-opus-4-20990101",
        "[1m]",
        "@",
        "é-20250101",
    ] {
        assert_eq!(dollars(model, mixed(), NOW), (None, CostBasis::Unpriced), "{model}");
    }
}

#[test]
fn token_counts_of_any_size_neither_wrap_nor_panic() {
    let most = Usage {
        input_tokens: u64::MAX,
        output_tokens: u64::MAX,
        cache_write_5m_tokens: u64::MAX,
        cache_write_1h_tokens: u64::MAX,
        cache_read_tokens: u64::MAX,
        web_search_requests: u64::MAX,
        speed: Speed::Fast,
        geo: Geo::Us,
        ..Usage::default()
    };
    assert_eq!(dollars("claude-opus-4-6", most, "2026-03-01T00:00:00Z"), (None, CostBasis::Unpriced));
    assert_eq!(dollars("claude-haiku-5-5", Usage::default(), NOW), priced("0"));
}

/// The price of token totals as if of many requests, each below every tier.
fn price_in_parts(model: &str, total: Usage, when: &str) -> PicoUsd {
    let mut left = total;
    let mut sum = 0;
    while left != Usage::default() {
        let mut part = Usage::default();
        let classes: [(&mut u64, &mut u64); 6] = [
            (&mut left.input_tokens, &mut part.input_tokens),
            (&mut left.output_tokens, &mut part.output_tokens),
            (&mut left.cache_write_5m_tokens, &mut part.cache_write_5m_tokens),
            (&mut left.cache_write_1h_tokens, &mut part.cache_write_1h_tokens),
            (&mut left.cache_read_tokens, &mut part.cache_read_tokens),
            (&mut left.web_search_requests, &mut part.web_search_requests),
        ];
        for (left, part) in classes {
            *part = (*left).min(25_000);
            *left -= *part;
        }
        sum += PriceTable::built_in().price(model, &part, at(when)).amount.unwrap().0;
    }
    PicoUsd(sum)
}

/// Tokens in the order of [`tokens`], and the dollars that went with them, as printed.
type Reported = (&'static str, [u64; 6], &'static str);

fn tokens([input, output, write_5m, write_1h, read, searches]: [u64; 6]) -> Usage {
    Usage {
        input_tokens: input,
        output_tokens: output,
        cache_write_5m_tokens: write_5m,
        cache_write_1h_tokens: write_1h,
        cache_read_tokens: read,
        web_search_requests: searches,
        ..Usage::default()
    }
}

fn rounded(amount: PicoUsd, places: u32) -> PicoUsd {
    let step = 10_i64.pow(12 - places);
    PicoUsd((amount.0 + step / 2).div_euclid(step) * step)
}

#[test]
fn totals_of_a_generated_set_cost_what_its_truth_says() {
    // The transcript generator's truth for 20 MB, seed 1; it prints dollars to six places.
    let truth: [Reported; 4] = [
        ("claude-haiku-4-5-20251001", [25_166, 167_356, 577_029, 0, 13_805_544, 0], "2.963787"),
        ("claude-opus-4-1-20250805", [4_954, 29_722, 31_777, 59_981, 4_035_441, 0], "10.75187"),
        ("claude-opus-4-5-20251101", [59_577, 435_008, 753_984, 396_368, 69_924_907, 6], "54.871619"),
        ("claude-sonnet-4-5-20250929", [70_149, 408_913, 867_519, 313_083, 66_495_590, 9], "31.514513"),
    ];
    for (model, counts, cost_usd) in truth {
        let amount = price_in_parts(model, tokens(counts), NOW);
        assert_eq!(rounded(amount, 6).to_decimal(), cost_usd, "{model}");
    }
}

#[test]
fn prices_agree_with_what_claude_code_itself_reported() {
    // modelUsage of the cost-state lines and results of recorded sessions (client 2.1.328), distinct ones. The
    // client adds floats; its figures are exact to fifteen digits.
    let reported: [Reported; 20] = [
        ("claude-opus-5-5", [129, 453, 1_748, 224, 12_046, 0], "0.0225172"),
        ("claude-opus-5-5", [41, 50, 327, 130, 0, 0], "0.003839"),
        ("claude-opus-5-5", [147, 592, 1_029, 377, 11_943, 0], "0.0229776"),
        ("claude-sonnet-5-5", [68, 172, 206, 55, 0, 0], "0.002591"),
        ("claude-sonnet-5-5", [89, 370, 1_130, 111, 0, 0], "0.007147"),
        ("claude-opus-5-5", [377, 1_365, 2_936, 1_333, 24_683, 0], "0.0590886"),
        ("claude-sonnet-5-5", [175, 678, 1_298, 212, 0, 0], "0.011223"),
        ("claude-opus-5-5", [140, 402, 492, 314, 985_000, 0], "0.210572"),
        ("claude-opus-5-5", [93, 585, 971, 377, 10_524, 0], "0.0220478"),
        ("claude-sonnet-5-5", [37, 27, 482, 266, 0, 0], "0.002613"),
        ("claude-opus-5-5", [83, 473, 1_231, 427, 12_968, 0], "0.0219566"),
        ("claude-opus-5-5", [217, 795, 2_013, 522, 36_622, 0], "0.0383334"),
        ("claude-opus-5-5", [509, 1_867, 3_566, 1_360, 64_597, 0], "0.0810054"),
        ("claude-haiku-5-5", [115, 389, 998, 62, 11_375, 0], "0.0004569"),
        ("claude-opus-5-5", [1_061, 4_189, 8_489, 3_026, 132_010, 0], "0.181079"),
        ("claude-haiku-5-5", [248, 691, 1_908, 291, 24_370, 0], "0.0009107"),
        ("claude-opus-5-5", [1_049, 5_274, 11_797, 3_615, 229_620, 0], "0.243505"),
        ("claude-opus-5-5", [796, 2_922, 8_590, 2_394, 97_571, 0], "0.1432402"),
        ("claude-opus-5-5", [291, 1_047, 2_191, 498, 33_104, 0], "0.0436638"),
        ("claude-opus-5-5", [209, 578, 1_417, 401, 23_675, 0], "0.027424"),
    ];
    for (model, counts, cost_usd) in reported {
        let amount = price_in_parts(model, tokens(counts), NOW);
        assert_eq!(amount.to_decimal(), cost_usd, "{model} {counts:?}");
    }
}

fn own(model: &str, days: [Option<&str>; 2], terms: OwnTerms) -> OwnPrice {
    let [from, to] = days.map(|day| day.map(|day| day.parse().unwrap()));
    OwnPrice { model: model.to_owned(), from, to, terms, source: None }
}

#[test]
fn own_prices_hold_on_their_days_and_the_list_on_all_others() {
    let rates = |input: &str| OwnTerms::Rates(OwnRates::parse(input, "10", [None, None, Some("0.5")]).unwrap());
    let mut prices = OwnPrices::default();
    prices.add(own("claude-opus-5-5", [Some("2026-10-01"), Some("2026-10-31")], rates("1"))).unwrap();
    prices.add(own("claude-opus-5-5", [Some("2026-11-01"), None], rates("2"))).unwrap();
    prices.add(own("house-model", [None, None], rates("3"))).unwrap();
    prices.add(own("*", [Some("2026-09-01"), None], OwnTerms::Multiplier(Factor::parse("0.85").unwrap()))).unwrap();
    let table = PriceTable::built_in().with_own(&prices);
    let million = Usage { input_tokens: 1_000_000, ..Usage::default() };
    let price = |model: &str, when: &str| table.price(model, &million, at(when)).amount.unwrap().to_decimal();
    let listed = |model: &str, when: &str| PriceTable::built_in().price(model, &million, at(when)).amount.unwrap();
    assert_eq!(price("claude-opus-5-5", "2026-10-01T00:00:00Z"), "1");
    assert_eq!(price("claude-opus-5-5", "2026-10-31T23:59:59Z"), "1");
    assert_eq!(price("claude-opus-5-5[1m]", "2026-11-01T00:00:00Z"), "2", "in every spelling");
    assert_eq!(price("house-model", "2020-01-01T00:00:00Z"), "3");
    let august = "2026-08-31T23:59:59Z";
    assert_eq!(table.price("claude-opus-5-5", &million, at(august)).amount, Some(listed("claude-opus-5-5", august)));
    let september = "2026-09-01T00:00:00Z";
    let reduced = listed("claude-opus-5-5", september).0 * 85 / 100;
    assert_eq!(table.price("claude-opus-5-5", &million, at(september)).amount, Some(PicoUsd(reduced)));
    // A multiplier of a price that nobody knows is no price.
    assert_eq!(table.price("nobodys-model", &million, at(september)), UNPRICED);
    // A rate that was left out is unknown, and not zero.
    let written = Usage { cache_write_5m_tokens: 1, ..million };
    assert_eq!(table.price("house-model", &written, at(september)).basis, CostBasis::Incomplete);
    let read = Usage { cache_read_tokens: 1_000_000, ..million };
    let cost = table.price("house-model", &read, at(september));
    assert_eq!((cost.amount.unwrap().to_decimal().as_str(), cost.basis), ("3.5", CostBasis::Priced));
}

#[test]
fn two_own_prices_of_a_model_never_hold_on_one_day() {
    let half = || OwnTerms::Multiplier(Factor::parse("0.5").unwrap());
    let mut prices = OwnPrices::default();
    prices.add(own("m", [Some("2026-02-01"), Some("2026-02-28")], half())).unwrap();
    for days in
        [[None, None], [None, Some("2026-02-01")], [Some("2026-02-28"), None], [Some("2026-02-10"), Some("2026-02-11")]]
    {
        assert!(prices.add(own("m", days, half())).is_err(), "{days:?}");
    }
    prices.add(own("m", [None, Some("2026-01-31")], half())).unwrap();
    prices.add(own("m", [Some("2026-03-01"), None], half())).unwrap();
    assert!(prices.add(own("n", [Some("2026-03-01"), Some("2026-02-01")], half())).is_err());
}

#[test]
fn an_explained_price_sums_to_the_price_line_by_line() {
    let table = PriceTable::built_in();
    let mut explained = 0;
    for model in table.ids().map(str::to_owned).chain(["us.anthropic.claude-opus-4-8".to_owned()]) {
        for speed in [Speed::Standard, Speed::Fast] {
            for tier in [ServiceTier::Standard, ServiceTier::Batch] {
                for geo in [Geo::Global, Geo::Us] {
                    for (model, input_tokens) in [(model.clone(), 333), (format!("{model}[1m]"), 300_001)] {
                        let usage = Usage {
                            output_tokens: 7,
                            input_tokens,
                            cache_write_5m_tokens: 11,
                            cache_write_1h_tokens: 13,
                            cache_read_tokens: 1_001,
                            web_search_requests: 3,
                            speed,
                            tier,
                            geo,
                            ..Usage::default()
                        };
                        let at = Timestamp::from_micros(1_795_331_000_000_000);
                        let price = table.price(&model, &usage, at);
                        let found = table.explain(&model, &usage, at);
                        assert_eq!(found.as_ref().and_then(|found| found.cost.amount), price.amount, "{model}");
                        let Some(found) = found else { continue };
                        let sum: i64 = found.lines.iter().map(|line| line.amount.0).sum();
                        assert_eq!((Some(PicoUsd(sum)), found.cost.basis), (price.amount, price.basis), "{model}");
                        for line in &found.lines {
                            if let (Some(count), Some(each)) = (line.count, line.each) {
                                assert_eq!(count.cast_signed() * each.0, line.amount.0, "{line:?}");
                            }
                        }
                        assert!(found.source.is_some() && found.table_date.len() == 10, "{found:?}");
                        explained += 1;
                    }
                }
            }
        }
    }
    assert!(explained > 100, "{explained}");
}
