//! What a tool result costs for as long as it stays in the context.
//!
//! A result is paid for by every request of its thread until the context is replaced, not once. A prompt is one
//! line of tokens: the cache is read from its front, what follows is written, the tail is neither. So a result that
//! lies between two positions of the line pays, in each request, for the part of each band that it covers: a read
//! while the cache holds, a rewrite after a miss, without any case for it here.
//!
//! Where a result lies follows from the growth of the prompt between two requests: what is there beyond the last
//! prompt and its output came in between. One result takes all of it, several take it in proportion of their sizes.
//!
//! What must stay true: the results and the rest together are the input side of the thread, to the pico-dollar.
//! Unknown is never zero: where growth cannot be told, a result has no tokens and no money, and a request without
//! usage or price is counted as missing in every result it carried.
//! Start with `carry`.

use crate::PicoUsd;

/// One band of a prompt: its tokens, and what they cost together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Band {
    /// Tokens in this band.
    pub tokens: u64,
    /// Their cost; `None` when the model has no price.
    pub cost: Option<PicoUsd>,
}

/// The prompt of one request, in the order in which its bands lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// Read from the cache.
    pub read: Band,
    /// Written to the cache, whatever its lifetime.
    pub written: Band,
    /// Neither.
    pub uncached: Band,
    /// What the model answered, which lies behind the prompt in the next one; `None` when it never arrived.
    pub output_tokens: Option<u64>,
}

impl Prompt {
    /// All tokens of the prompt.
    pub fn tokens(&self) -> u64 {
        self.bands().iter().fold(0, |sum, band| sum.saturating_add(band.tokens))
    }

    /// What it cost; `None` when a part of it has no price.
    pub fn cost(&self) -> Option<PicoUsd> {
        self.cost_before(u64::MAX).map(picousd)
    }

    fn bands(&self) -> [Band; 3] {
        [self.read, self.written, self.uncached]
    }

    /// What the tokens before `position` cost. Rounded down at each position, so that neighbours add up exactly.
    fn cost_before(&self, position: u64) -> Option<i128> {
        let (mut left, mut sum) = (position, 0);
        for band in self.bands() {
            let covered = left.min(band.tokens);
            left -= covered;
            if band.tokens > 0 {
                sum += share(band.cost?, covered, band.tokens);
            }
        }
        Some(sum)
    }
}

/// Something that came into the context before a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// A tool result of this many bytes, if known.
    Result(Option<u64>),
    /// Anything else of this many bytes, if known: a prompt, a note of the client.
    Other(Option<u64>),
}

impl Arrival {
    fn size_bytes(self) -> Option<u64> {
        match self {
            Self::Result(size) | Self::Other(size) => size,
        }
    }
}

/// One request of a thread, with what came in since the one before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CarryStep {
    /// In the order in which they came.
    pub arrivals: Vec<Arrival>,
    /// The prompt; `None` when its usage is unknown.
    pub prompt: Option<Prompt>,
    /// The context was replaced before this request: a compaction, `/clear`.
    pub is_replaced: bool,
}

/// What one tool result cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Carry {
    /// Its tokens; `None` when growth does not tell them. Then there is no money either.
    pub tokens: Option<u64>,
    /// What the request that first saw it paid; `None` when that is unknown.
    pub entry: Option<PicoUsd>,
    /// What the later requests paid, as far as known; `None` when of no later request it is known.
    pub carried: Option<PicoUsd>,
    /// Later requests that paid a known amount.
    pub later_requests: u32,
    /// Later requests that had it in their prompt for an unknown amount: `carried` is then a lower bound.
    pub missing_requests: u32,
}

/// A thread's input side, divided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThreadCarry {
    /// One for each result among the arrivals, in their order.
    pub results: Vec<Carry>,
    /// The input side of all priced requests without the results above.
    pub rest: PicoUsd,
    /// Requests whose input side is unknown: in neither figure.
    pub unknown_requests: u32,
}

/// Divides the input side of one thread's requests, in their order, among the tool results and the rest.
///
/// A thread is a session's own requests or those of one subagent. What the first prompt holds is the rest: a fork
/// begins with what it inherited, and that is no growth of its own.
pub fn carry(steps: &[CarryStep]) -> ThreadCarry {
    let mut thread = Thread::default();
    for step in steps {
        thread.take(step);
    }
    thread.leave();
    thread.carry
}

/// Where the result of this index lies in the prompts of its context.
struct Place {
    result: usize,
    start: u64,
    end: u64,
    /// Tokens of this result and of all that lie before it.
    tokens_up_to: u64,
    /// What this result and all before it pay jointly, as requests add it: most of a context is read as a whole,
    /// and a thread of n requests shall not cost n².
    joint: Joint,
}

#[derive(Clone, Copy, Default)]
struct Joint {
    picousd_per_token: i128,
    later_requests: u32,
    missing_requests: u32,
}

#[derive(Default)]
struct Thread {
    carry: ThreadCarry,
    /// In the order of their positions, which is the order in which they came.
    places: Vec<Place>,
    /// The request before, if there was one and its usage is known.
    before: Option<Prompt>,
    /// The largest prompt known of this context, which outlives a request without usage.
    prompt_tokens: u64,
}

impl Thread {
    fn take(&mut self, step: &CarryStep) {
        let shrunk = step.prompt.is_some_and(|prompt| prompt.tokens() < self.prompt_tokens);
        if step.is_replaced || shrunk {
            self.leave();
            self.before = None;
            self.prompt_tokens = 0;
        }
        let first_new = self.carry.results.len();
        let grown = step.prompt.and_then(|prompt| growth(self.before?, prompt));
        self.place(&step.arrivals, grown);
        match step.prompt {
            Some(prompt) => {
                self.pay(prompt, first_new);
                self.prompt_tokens = prompt.tokens();
            }
            None => self.miss(first_new),
        }
        self.before = step.prompt;
    }

    /// Gives each arrival its part of the growth, and remembers where the results lie.
    fn place(&mut self, arrivals: &[Arrival], grown: Option<(u64, u64)>) {
        let weights = weights(arrivals);
        let total: u128 = weights.iter().flatten().sum();
        let mut before: u128 = 0;
        for (index, arrival) in arrivals.iter().enumerate() {
            let place = grown.zip(weights.as_ref()).filter(|_| total > 0).map(|((start, tokens), weights)| {
                let from = start + part(tokens, before, total);
                before += weights[index];
                (from, start + part(tokens, before, total))
            });
            if let Arrival::Result(_) = arrival {
                let result = self.carry.results.len();
                self.carry.results.push(Carry { tokens: place.map(|(start, end)| end - start), ..Carry::default() });
                let tokens_before = self.places.last().map_or(0, |place| place.tokens_up_to);
                self.places.extend(place.map(|(start, end)| {
                    let tokens_up_to = tokens_before + (end - start);
                    Place { result, start, end, tokens_up_to, joint: Joint::default() }
                }));
            }
        }
    }

    fn pay(&mut self, prompt: Prompt, first_new: usize) {
        let Some(mut rest) = prompt.cost_before(u64::MAX) else { return self.miss(first_new) };
        let (read_whole, read_picousd) = self.read_jointly(prompt.read, first_new);
        rest -= read_picousd;
        for place in &self.places[read_whole..] {
            let (Some(start), Some(end)) = (prompt.cost_before(place.start), prompt.cost_before(place.end)) else {
                continue;
            };
            rest -= end - start;
            let (carry, amount) = (&mut self.carry.results[place.result], picousd(end - start));
            if place.result >= first_new {
                carry.entry = Some(amount);
            } else {
                carry.carried = Some(add(carry.carried.unwrap_or_default(), amount));
                carry.later_requests += 1;
            }
        }
        self.carry.rest = add(self.carry.rest, picousd(rest));
    }

    /// Lets the older results that lie wholly in the cache pay their reads in one step, where a token has a whole
    /// price. Returns how many they are, and what they pay together.
    fn read_jointly(&mut self, read: Band, first_new: usize) -> (usize, i128) {
        let Some(cost) = read.cost.filter(|_| read.tokens > 0).map(|cost| i128::from(cost.0)) else { return (0, 0) };
        let tokens = i128::from(read.tokens);
        let whole = self.places.partition_point(|place| place.end <= read.tokens && place.result < first_new);
        let Some(last) = self.places[..whole].last_mut().filter(|_| cost % tokens == 0) else { return (0, 0) };
        last.joint.picousd_per_token += cost / tokens;
        last.joint.later_requests += 1;
        (whole, cost / tokens * i128::from(last.tokens_up_to))
    }

    fn miss(&mut self, first_new: usize) {
        self.carry.unknown_requests += 1;
        let older = self.places.partition_point(|place| place.result < first_new);
        if let Some(last) = self.places[..older].last_mut() {
            last.joint.missing_requests += 1;
        }
    }

    /// Ends a context: what its results paid jointly is given to each.
    fn leave(&mut self) {
        let mut joint = Joint::default();
        for place in self.places.drain(..).rev() {
            joint.picousd_per_token += place.joint.picousd_per_token;
            joint.later_requests += place.joint.later_requests;
            joint.missing_requests += place.joint.missing_requests;
            let carry = &mut self.carry.results[place.result];
            carry.missing_requests += joint.missing_requests;
            if joint.later_requests > 0 {
                let amount = picousd(joint.picousd_per_token * i128::from(place.end - place.start));
                carry.carried = Some(add(carry.carried.unwrap_or_default(), amount));
                carry.later_requests += joint.later_requests;
            }
        }
    }
}

/// Where the growth from one prompt to the next begins, and how many tokens it has. `None` when a part of the
/// output is not in the next prompt (thinking is left out of it), for then growth hides how much came in.
fn growth(before: Prompt, next: Prompt) -> Option<(u64, u64)> {
    let start = before.tokens().checked_add(before.output_tokens?)?;
    Some((start, next.tokens().checked_sub(start)?))
}

/// How growth is divided. A lone arrival takes all of it, whatever its size.
fn weights(arrivals: &[Arrival]) -> Option<Vec<u128>> {
    match arrivals {
        [_] => Some(vec![1]),
        _ => arrivals.iter().map(|arrival| arrival.size_bytes().map(u128::from)).collect(),
    }
}

/// `tokens · weight / total`, rounded down; never more than `tokens`, for a weight is never more than the total.
fn part(tokens: u64, weight: u128, total: u128) -> u64 {
    u64::try_from(u128::from(tokens).saturating_mul(weight) / total).unwrap_or(tokens)
}

fn share(cost: PicoUsd, covered: u64, tokens: u64) -> i128 {
    i128::from(cost.0) * i128::from(covered) / i128::from(tokens)
}

fn picousd(amount: i128) -> PicoUsd {
    PicoUsd(i64::try_from(amount).unwrap_or(i64::MAX))
}

fn add(left: PicoUsd, right: PicoUsd) -> PicoUsd {
    PicoUsd(left.0.saturating_add(right.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn band(tokens: u64, rate: i64) -> Band {
        Band { tokens, cost: Some(PicoUsd(i64::try_from(tokens).unwrap() * rate)) }
    }

    /// Reads cost 1 a token, writes 10, the tail 8.
    fn prompt(read: u64, written: u64, output: u64) -> Prompt {
        Prompt { read: band(read, 1), written: band(written, 10), uncached: band(0, 8), output_tokens: Some(output) }
    }

    fn step(prompt: Option<Prompt>, arrivals: &[Arrival]) -> CarryStep {
        CarryStep { prompt, arrivals: arrivals.to_vec(), is_replaced: false }
    }

    const LONE: &[Arrival] = &[Arrival::Result(None)];

    #[test]
    fn a_result_is_written_once_and_read_by_every_later_request() {
        let thread = carry(&[
            step(Some(prompt(0, 1_000, 50)), &[]),
            step(Some(prompt(1_000, 450, 50)), LONE),
            step(Some(prompt(1_450, 50, 0)), &[]),
            step(Some(prompt(1_500, 0, 0)), &[]),
        ]);
        let expected = Carry {
            tokens: Some(400),
            entry: Some(PicoUsd(4_000)),
            carried: Some(PicoUsd(800)),
            later_requests: 2,
            missing_requests: 0,
        };
        assert_eq!(thread.results, [expected]);
        assert_eq!(thread.rest, PicoUsd(10_000 + 1_000 + 500 + 1_050 + 500 + 1_100));
    }

    #[test]
    fn after_a_miss_the_result_is_paid_at_the_rate_of_a_write() {
        let thread = carry(&[
            step(Some(prompt(0, 1_000, 0)), &[]),
            step(Some(prompt(1_000, 400, 0)), LONE),
            step(Some(prompt(600, 800, 0)), &[]),
        ]);
        assert_eq!(thread.results[0].carried, Some(PicoUsd(4_000)));
    }

    #[test]
    fn results_between_two_requests_divide_growth_by_size_and_a_prompt_takes_its_part() {
        let arrivals = [Arrival::Result(Some(300)), Arrival::Other(Some(100)), Arrival::Result(Some(600))];
        let thread = carry(&[step(Some(prompt(0, 10, 0)), &[]), step(Some(prompt(10, 500, 0)), &arrivals)]);
        let tokens: Vec<_> = thread.results.iter().map(|result| result.tokens).collect();
        assert_eq!(tokens, [Some(150), Some(300)]);
    }

    #[test]
    fn a_replaced_or_shrunk_context_carries_nothing_on() {
        for (after, is_replaced) in [(prompt(100, 5_000, 0), true), (prompt(100, 20, 0), false)] {
            let last = CarryStep { is_replaced, ..step(Some(after), &[]) };
            let start = step(Some(prompt(0, 1_000, 0)), &[]);
            let thread = carry(&[start, step(Some(prompt(1_000, 400, 0)), LONE), last]);
            assert_eq!((thread.results[0].later_requests, thread.results[0].carried), (0, None));
        }
    }

    #[test]
    fn what_a_fork_or_subagent_begins_with_is_the_rest() {
        let thread = carry(&[step(Some(prompt(900, 100, 0)), LONE), step(Some(prompt(1_000, 0, 0)), &[])]);
        assert_eq!(thread.results, [Carry::default()]);
        assert_eq!(thread.rest, PicoUsd(900 + 1_000 + 1_000));
    }

    #[test]
    fn unknown_is_never_zero() {
        let unpriced = Prompt { read: Band { tokens: 1_400, cost: None }, ..prompt(0, 0, 0) };
        let two = [Arrival::Result(Some(9)), Arrival::Result(None)];
        let thinking_left_out = prompt(1_400, 100, 500);
        let thread = carry(&[
            step(Some(prompt(0, 1_000, 0)), &[]),
            step(Some(prompt(1_000, 400, 0)), LONE),
            step(Some(unpriced), &[]),
            step(None, LONE),
            step(Some(thinking_left_out), LONE),
            step(Some(prompt(1_500, 100, 0)), LONE),
            step(Some(prompt(1_600, 100, 0)), &two),
        ]);
        assert_eq!(thread.unknown_requests, 2);
        let known = thread.results[0];
        assert_eq!((known.missing_requests, known.later_requests, known.carried), (2, 3, Some(PicoUsd(1_200))));
        assert!(thread.results[1..].iter().all(|result| *result == Carry::default()));
        assert_eq!(thread.results.len(), 6);
    }

    /// A small generator: the same cases on every run.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, end: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % end
        }

        fn maybe(&mut self, end: u64) -> Option<u64> {
            (self.below(8) > 0).then(|| self.below(end))
        }

        /// Now with a whole price for a token, now with money that does not divide, now without a price.
        fn band(&mut self, least: u64) -> Band {
            let tokens = least + self.below(500);
            let money = if self.below(2) == 0 { tokens * self.below(9) } else { self.below(1_000_000) };
            let is_priced = tokens == 0 || self.below(16) > 0;
            let cost = is_priced.then(|| PicoUsd(i64::try_from(if tokens == 0 { 0 } else { money }).unwrap()));
            Band { tokens, cost }
        }

        fn step(&mut self, at: u64) -> CarryStep {
            let (read, written, uncached) = (self.band(at * 600), self.band(0), self.band(0));
            let prompt = Prompt { read, written, uncached, output_tokens: self.maybe(300) };
            let arrivals = (0..self.below(4)).map(|_| match self.below(3) {
                0 => Arrival::Other(self.maybe(5_000)),
                _ => Arrival::Result(self.maybe(5_000)),
            });
            let arrivals = arrivals.collect();
            CarryStep { arrivals, prompt: (self.below(10) > 0).then_some(prompt), is_replaced: self.below(12) == 0 }
        }
    }

    #[test]
    fn results_and_rest_are_the_input_side_of_every_thread_exactly() {
        let (mut dice, mut carried) = (Dice(7), 0);
        for _ in 0..2_000 {
            let steps: Vec<_> = (0..dice.below(30)).map(|at| dice.step(at)).collect();
            let thread = carry(&steps);
            let input_side: i64 = steps
                .iter()
                .filter_map(|step| step.prompt?.cost_before(u64::MAX))
                .map(|cost| i64::try_from(cost).unwrap())
                .sum();
            let known =
                |result: &Carry| [result.entry, result.carried].into_iter().flatten().map(|cost| cost.0).sum::<i64>();
            let of_results: i64 = thread.results.iter().map(known).sum();
            assert_eq!(of_results + thread.rest.0, input_side);
            let arrived = steps.iter().flat_map(|step| &step.arrivals);
            let results = arrived.filter(|arrival| matches!(arrival, Arrival::Result(_))).count();
            assert_eq!(thread.results.len(), results);
            for result in &thread.results {
                assert!([result.entry, result.carried].into_iter().flatten().all(|cost| cost.0 >= 0));
                assert!(result.tokens.is_some() || *result == Carry::default());
            }
            carried += thread.results.iter().filter(|result| result.later_requests > 0).count();
        }
        assert!(carried > 1_000, "the cases carry something: {carried}");
    }

    #[test]
    fn what_is_read_jointly_is_what_each_result_would_pay_alone() {
        let (mut dice, mut compared) = (Dice(11), 0);
        for _ in 0..500 {
            let whole: Vec<_> = (0..30).map(|at| dice.step(at)).collect();
            let mut broken = whole.clone();
            // One pico-dollar more does not divide, so that each result pays for itself.
            for read in broken.iter_mut().filter_map(|step| step.prompt.as_mut()).map(|prompt| &mut prompt.read) {
                read.cost = read.cost.map(|cost| PicoUsd(cost.0 + i64::from(read.tokens > 1)));
            }
            for (left, right) in carry(&whole).results.iter().zip(&carry(&broken).results) {
                assert_eq!((left.tokens, left.later_requests), (right.tokens, right.later_requests));
                assert_eq!(
                    (left.carried.is_some(), left.missing_requests),
                    (right.carried.is_some(), right.missing_requests)
                );
                let apart = left.carried.unwrap_or_default().0.abs_diff(right.carried.unwrap_or_default().0);
                assert!(apart <= u64::from(left.later_requests), "{left:?} {right:?}");
                compared += left.later_requests;
            }
        }
        assert!(compared > 1_000, "{compared}");
    }
}
