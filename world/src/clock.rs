//! The world's time: running with an offset from the system's clock, or fixed. The only place that reads the system clock.
//!
//! In: settings (set, advance, freeze, run, reset), kept as dated facts. Out: `now()`, which every artefact carries.
//! TLS, log lines, rate limits and time-outs never see it.

pub(crate) mod setting;

use std::sync::{Arc, RwLock};

use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::Mutex;
use utoipa::ToSchema;

use crate::time::Duration;
use crate::{Error, store::Store, to_the_end};
use setting::Setting;
pub use setting::{Mode, system_time};

/// Under which name other processes learn that it was set.
pub(crate) const CLOCK: &str = "clock";

/// Under which name it is kept whether what has ended is renewed, and how.
const RENEWAL: &str = "renewal";
const BY_HAND: &str = "by hand";

/// A shared handle on the world's time.
#[derive(Clone, Debug)]
pub struct Clock {
    in_force: Arc<RwLock<InForce>>,
    /// Held by whoever changes it: what is on disk and what is in force follow one order.
    changing: Arc<Mutex<()>>,
    store: Store,
}

/// What becomes of certificates whose time has ended by the world's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// They get successors, as their operators would have seen to in time.
    Automatic,
    /// They stay as they are, so that clients meet the end.
    ByHand,
}

/// What counts now.
#[derive(Clone, Copy, Debug)]
struct InForce {
    setting: Setting,
    /// How often the clock was set, in this process.
    settings: u64,
    renewal: Renewal,
}

/// The clock as it is shown: the world's time, how it moves, and its distance from the system's clock in seconds.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct ClockState {
    /// The world's time.
    pub time: Timestamp,
    /// Whether it moves.
    pub mode: Mode,
    /// World time minus system time, in whole seconds.
    pub offset_seconds: i64,
    /// Whether what has ended is renewed.
    pub renew: bool,
    /// How often the clock was set before, in this process.
    #[serde(skip)]
    settings: u64,
}

impl ClockState {
    /// Whether the clock was set in between, be it there and back; that it ran does not count.
    pub fn was_set_since(&self, earlier: &ClockState) -> bool {
        self.settings != earlier.settings
    }
}

impl Clock {
    /// Takes up the newest setting of the store; a new world runs with the system's clock.
    pub(crate) async fn open(store: &Store) -> Result<Clock, Error> {
        let system = system_time();
        let (setting, renewal) = stored(store).await?;
        let setting = setting.unwrap_or(Setting { mode: Mode::Running, world_time: system, system_time: system });
        let in_force = Arc::new(RwLock::new(InForce { setting, settings: 0, renewal }));
        let clock = Clock { in_force, changing: Arc::default(), store: store.clone() };
        clock.follow_changes();
        Ok(clock)
    }

    /// When another process sets the clock, it is set here.
    fn follow_changes(&self) {
        let kept = Arc::downgrade(&self.in_force);
        let changing = self.changing.clone();
        self.store.follow(CLOCK, move |store| {
            let (kept, changing) = (kept.upgrade(), changing.clone());
            Box::pin(async move {
                let Some(in_force) = kept else { return Ok(()) };
                let _one_after_another = changing.lock().await;
                if let (Some(setting), renewal) = stored(&store).await? {
                    let mut in_force = in_force.write().expect("no code panics while it holds the clock");
                    *in_force = InForce { setting, settings: in_force.settings + 1, renewal };
                }
                Ok(())
            })
        });
    }

    /// The world's time.
    pub fn now(&self) -> Timestamp {
        self.state().time
    }

    /// The world's time and how it moves.
    pub fn state(&self) -> ClockState {
        let InForce { setting, settings, renewal } = self.in_force();
        let system = system_time();
        let time = setting.at(system);
        let offset_seconds = time.duration_since(system).as_secs();
        ClockState { time, mode: setting.mode, offset_seconds, renew: renewal == Renewal::Automatic, settings }
    }

    /// Whether what has ended is renewed; kept until it is changed.
    pub fn renewal(&self) -> Renewal {
        self.in_force().renewal
    }

    /// Says whether what has ended is renewed, from now on.
    ///
    /// # Errors
    /// If it cannot be written down; then it stays as it was.
    pub async fn set_renewal(&self, renewal: Renewal) -> Result<(), Error> {
        let clock = self.clone();
        to_the_end(async move {
            let _one_after_another = clock.changing.lock().await;
            let word = if renewal == Renewal::ByHand { BY_HAND } else { "automatic" };
            clock.store.replace(RENEWAL, word).await?;
            clock.put_in_force(|in_force| in_force.renewal = renewal);
            Ok(())
        })
        .await
    }

    /// Shows `time` from this moment on; a running clock goes on running from there. Any direction is allowed.
    ///
    /// # Errors
    /// If it cannot be written down; then the clock is as it was.
    pub async fn set(&self, time: Timestamp) -> Result<ClockState, Error> {
        self.change(move |_, setting| Ok((setting.mode, time))).await
    }

    /// Moves the clock by a duration, forwards or backwards.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a time that no certificate can carry, and those of [`Clock::set`].
    pub async fn advance(&self, by: Duration) -> Result<ClockState, Error> {
        self.change(move |now, setting| {
            Ok((setting.mode, by.after(now).map_err(|error| Error::OutOfRange(error.to_string()))?))
        })
        .await
    }

    /// Stops the clock at its present time.
    ///
    /// # Errors
    /// Those of [`Clock::set`].
    pub async fn freeze(&self) -> Result<ClockState, Error> {
        self.change(|now, _| Ok((Mode::Fixed, now))).await
    }

    /// Lets the clock run with the system's, at no distance.
    ///
    /// # Errors
    /// Those of [`Clock::set`].
    pub async fn reset(&self) -> Result<ClockState, Error> {
        self.change(|_, _| Ok((Mode::Running, system_time()))).await
    }

    /// Lets the clock run on from its present time.
    ///
    /// # Errors
    /// Those of [`Clock::set`].
    pub async fn run(&self) -> Result<ClockState, Error> {
        self.change(|now, _| Ok((Mode::Running, now))).await
    }

    async fn change(
        &self,
        decide: impl FnOnce(Timestamp, &Setting) -> Result<(Mode, Timestamp), Error> + Send + 'static,
    ) -> Result<ClockState, Error> {
        let clock = self.clone();
        to_the_end(async move {
            let _one_after_another = clock.changing.lock().await;
            let (system_time, before) = (system_time(), clock.in_force().setting);
            let (mode, world_time) = decide(before.at(system_time), &before)?;
            let setting = Setting { mode, world_time, system_time };
            clock.store.save_clock_setting(&setting).await?; // first on disk, then in force
            clock.put_in_force(|in_force| {
                in_force.setting = setting;
                in_force.settings += 1;
            });
            Ok(clock.state())
        })
        .await
    }

    fn in_force(&self) -> InForce {
        *self.in_force.read().expect("no code panics while it holds the clock")
    }

    fn put_in_force(&self, change: impl FnOnce(&mut InForce)) {
        change(&mut self.in_force.write().expect("no code panics while it holds the clock"));
    }
}

/// What the store holds: the newest setting, if the clock was ever set.
async fn stored(store: &Store) -> Result<(Option<Setting>, Renewal), Error> {
    let renewal = match store.recalled(RENEWAL).await?.as_deref() {
        Some(BY_HAND) => Renewal::ByHand,
        _ => Renewal::Automatic,
    };
    Ok((store.clock_setting().await?, renewal))
}

#[cfg(test)]
mod tests {
    use crate::World;
    use crate::time::LAST;

    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn a_fixed_clock_stands_still_until_it_is_moved() {
        let world = World::in_memory("http://127.0.0.1:1", time("2026-11-24T09:00:00Z")).await.unwrap();
        assert_eq!(world.clock.now(), time("2026-11-24T09:00:00Z"));
        world.clock.advance("10y".parse().unwrap()).await.unwrap();
        assert_eq!(world.clock.now(), time("2036-11-24T09:00:00Z"));
        assert_eq!(world.clock.state().mode, Mode::Fixed);
    }

    #[tokio::test]
    async fn a_running_clock_goes_on_from_where_it_was_set() {
        let world = World::in_memory("http://127.0.0.1:1", time("2026-11-24T09:00:00Z")).await.unwrap();
        world.clock.run().await.unwrap();
        world.clock.set(time("2040-01-01T00:00:00Z")).await.unwrap();
        let now = world.clock.now();
        assert!(now >= time("2040-01-01T00:00:00Z") && now < time("2040-01-01T01:00:00Z"));
    }

    #[tokio::test]
    async fn advances_at_the_same_time_add_up_and_are_known_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let clock = World::open(folder.path(), "default", "http://127.0.0.1:1").await.unwrap().clock;
        clock.set(time("2030-01-01T00:00:00Z")).await.unwrap();
        clock.freeze().await.unwrap();
        let begun = clock.now();
        let advances: Vec<_> = (0..20).map(|_| tokio::spawn(advanced(clock.clone()))).collect();
        for advance in advances {
            advance.await.unwrap();
        }
        let expected = "20d".parse::<Duration>().unwrap().after(begun).unwrap();
        assert_eq!(clock.now(), expected);
        let again = World::open(folder.path(), "default", "http://127.0.0.1:1").await.unwrap();
        assert_eq!(again.clock.now(), expected);
    }

    async fn advanced(clock: Clock) {
        clock.advance("1d".parse().unwrap()).await.unwrap();
    }

    #[tokio::test]
    async fn the_setting_survives_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let first = World::open(folder.path(), "default", "http://127.0.0.1:1").await.unwrap();
        first.clock.set(time("2031-05-01T00:00:00Z")).await.unwrap();
        first.clock.freeze().await.unwrap();
        let again = World::open(folder.path(), "default", "http://127.0.0.1:2").await.unwrap();
        assert!(again.clock.now() < time("2031-05-01T01:00:00Z"));
        assert_eq!(again.clock.state().mode, Mode::Fixed);
        assert_eq!(again.base, "http://127.0.0.1:1", "the address in the certificates does not change");
    }

    #[tokio::test]
    async fn a_running_clock_stops_at_the_last_second_and_comes_back() {
        let world = World::in_memory("http://127.0.0.1:1", time("2026-11-24T09:00:00Z")).await.unwrap();
        world.clock.run().await.unwrap();
        for _ in 0..2 {
            assert_eq!(world.clock.set(LAST).await.unwrap().time, LAST);
        }
        let state = world.clock.reset().await.unwrap();
        assert_eq!((state.mode, state.offset_seconds), (Mode::Running, 0));
    }

    #[tokio::test]
    async fn whether_is_renewed_survives_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let open = async || World::open(folder.path(), "default", "http://127.0.0.1:1").await.unwrap().clock;
        assert!(open().await.state().renew);
        open().await.set_renewal(Renewal::ByHand).await.unwrap();
        let clock = open().await;
        assert!(!clock.state().renew);
        clock.set_renewal(Renewal::Automatic).await.unwrap();
        assert_eq!(open().await.renewal(), Renewal::Automatic);
    }

    #[tokio::test]
    async fn a_time_that_no_certificate_can_carry_is_refused() {
        let world = World::in_memory("http://127.0.0.1:1", time("2026-11-24T09:00:00Z")).await.unwrap();
        let refused = world.clock.advance("9000y".parse().unwrap()).await.unwrap_err();
        assert!(refused.to_string().contains("1950 to 9999"), "{refused}");
        assert_eq!(world.clock.now(), time("2026-11-24T09:00:00Z"));
    }
}
