//! A laptop that does not wait: its next push is on its way before the answer to the last one is taken in (§5.10).

use ketu_sync::client::Session;
use ketu_sync::message::{Reply, Request};

use crate::oracle::Fault;
use crate::world::World;

impl World {
    /// The push that a laptop makes and sends before it takes in the answer to the last one (§5.10).
    pub(crate) fn ahead(
        &mut self,
        at: usize,
        request: &Request,
        reply: &Reply,
    ) -> Result<Option<Request>, Fault> {
        let Request::Push(push) = request else {
            return Ok(None);
        };
        if !self.rough || !Session::goes_on(reply) || self.rng.bool() {
            return Ok(None);
        }
        self.edit(at)?;
        let next = self.laptops[at].push_behind(push);
        if let (Some(next), Some(file), Some(session)) =
            (&next, &mut self.files[at], &self.laptops[at].session)
        {
            file.push(session, next)?;
        }
        Ok(next.map(Request::Push))
    }

    pub(crate) fn hear_both(
        &mut self,
        at: usize,
        (request, reply): (Request, Reply),
        next: Request,
    ) -> Result<(), Fault> {
        let user = self.laptops[at].user;
        match self.rng.u8(..8) {
            // It dies with an answer that it did not take in; the next push may have arrived or not.
            0 => self.laptops[at].session = None,
            1 => {
                self.serve(user, &next)?;
                self.laptops[at].session = None;
            }
            _ => {
                let second = self.serve(user, &next)?;
                self.hear(at, request, reply)?;
                self.hear(at, next, second)?;
            }
        }
        Ok(())
    }
}
