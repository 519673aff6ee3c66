//! Pages of movements in the order of their amounts.
//!
//! The journal has no such order, so each page reads all matching movements and keeps only the page.

use jangbu::queries::{Movement, TransferQuery};

use super::page_start::{At, PageStart};
use super::query::MovementOrder;
use super::{Found, Listing};
use crate::server::http::Problem;
use crate::server::service::Service;

/// The most movements read for a page: about a second.
const MOST_SORTED: usize = 100_000;
/// The most searches for them. Each reads up to 200,000 records.
const MOST_SEARCHES: usize = 200;
/// How many movements are requested at a time.
const AT_A_TIME: usize = 1_000;

impl Listing {
    /// Returns the page at a position of the order by amount.
    ///
    /// # Errors
    /// 400 when too much fits to be put in order.
    pub(super) async fn page_by_amount(&self, service: &Service, start: Option<PageStart>) -> Result<Found, Problem> {
        let is_back = start.is_some_and(|start| start.back);
        let order = Ordered { largest_first: (self.sequence == MovementOrder::Largest) != is_back };
        let (mut best, has_more) = self.best(service, &order, start.map(|start| start.at)).await?;
        if is_back {
            best.reverse();
        }
        let end = |movement: Option<&Movement>, back| movement.map(|it| PageStart { back, at: At::amount_of(it) });
        let (first, last) = (end(best.first(), true), end(best.last(), false));
        let (next, previous) = match is_back {
            true => (last.or(start.map(|start| PageStart { back: false, ..start })), first.filter(|_| has_more)),
            false => (last.filter(|_| has_more), first.filter(|_| start.is_some())),
        };
        Ok(Found { transfers: self.answers(service, best).await?, next, previous })
    }

    /// Returns the first matches after a position, and whether there are more.
    async fn best(
        &self,
        service: &Service,
        order: &Ordered,
        after: Option<At>,
    ) -> Result<(Vec<Movement>, bool), Problem> {
        let most = self.query.limit.saturating_add(1);
        let mut query = TransferQuery { after: None, limit: AT_A_TIME, ..self.query.clone() };
        let (mut best, mut seen): (Vec<Movement>, usize) = (Vec::new(), 0);
        for _ in 0..MOST_SEARCHES {
            let page = service.bank.transfers(query.clone()).await?;
            seen = seen.saturating_add(page.data.len());
            if seen > MOST_SORTED {
                break;
            }
            let behind =
                |movement: &Movement| after.is_none_or(|after| order.compare(&At::amount_of(movement), &after).is_gt());
            best.extend(page.data.into_iter().filter(|movement| self.is_with(movement) && behind(movement)));
            best.sort_by(|one, other| order.compare(&At::amount_of(one), &At::amount_of(other)));
            best.truncate(most);
            query.after = page.next;
            if query.after.is_none() {
                let has_more = best.len() > self.query.limit;
                best.truncate(self.query.limit);
                return Ok((best, has_more));
            }
        }
        let detail =
            format!("only up to {MOST_SORTED} movements are put in the order of their amounts: ask for a period");
        Err(Problem::invalid_field("order", "too_many", detail))
    }
}

/// An order by amount.
struct Ordered {
    largest_first: bool,
}

impl Ordered {
    fn compare(&self, one: &At, other: &At) -> std::cmp::Ordering {
        if self.largest_first { other.cmp(one) } else { one.cmp(other) }
    }
}
