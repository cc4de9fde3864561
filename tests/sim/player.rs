//! Playing: time goes on in proportion to real time, and stops when nothing is
//! left to happen.

use std::time::Duration;

use fourstep::codec::{QoS, Version};
use fourstep::sim::{Command, Mode, Player, Timeline};
use fourstep::time::Instant;

use crate::{millis, publish, publisher_and_subscriber};

const FRAME: Duration = Duration::from_millis(16);

fn player() -> Player {
    Player::new(&publisher_and_subscriber(Version::V5, QoS::ExactlyOnce))
}

/// Plays frame by frame until it stops; returns how many frames that took.
fn frames(player: &mut Player) -> u32 {
    for frame in 0..10_000 {
        if !player.is_moving() {
            return frame;
        }
        player.advance(FRAME, || true);
    }
    panic!("it never stops at {:?}", player.timeline().now());
}

#[test]
fn it_plays_to_the_first_quiet_moment_whatever_the_speed() {
    for speed in Player::SPEEDS {
        let mut player = player();
        player.set_speed(speed);
        frames(&mut player);
        assert_eq!(player.mode(), Mode::Quiet);
        // Open 40 ms, CONNECT and CONNACK 40 ms, SUBSCRIBE and SUBACK 40 ms.
        assert_eq!(player.timeline().now(), millis(120), "at speed {speed}");
    }
}

#[test]
fn a_frame_passes_as_much_time_as_the_speed_says() {
    for (speed, expect) in [(0.5, 8), (1.0, 16), (4.0, 64)] {
        let mut player = player();
        player.set_speed(speed);
        player.advance(FRAME, || true);
        assert_eq!(player.timeline().now(), millis(expect));
    }
}

#[test]
fn speeds_that_mean_nothing_are_refused_or_bounded() {
    for (speed, expect) in [(f64::NAN, 1.0), (-1.0, 0.01), (1e9, 1_000.0), (f64::INFINITY, 1.0)] {
        let mut player = player();
        player.set_speed(speed);
        assert_eq!(player.speed(), expect);
    }
}

#[test]
fn a_command_sets_time_going_again_unless_it_was_stopped_by_hand() {
    let mut player = player();
    frames(&mut player);
    player.command(publish("1", QoS::ExactlyOnce));
    assert_eq!(player.mode(), Mode::Playing);
    player.play(false);
    player.command(publish("2", QoS::ExactlyOnce));
    assert_eq!(player.mode(), Mode::Paused);
    let now = player.timeline().now();
    player.advance(FRAME, || true);
    assert_eq!(player.timeline().now(), now);
}

#[test]
fn a_rush_reaches_the_quiet_moment_in_as_many_frames_as_it_is_given() {
    for budget in [1, 3, u32::MAX] {
        let mut player = player();
        frames(&mut player);
        player.command(publish("1", QoS::ExactlyOnce));
        player.rush();
        while player.is_moving() {
            let mut left = budget;
            player.advance(FRAME, || {
                left -= 1;
                left > 0
            });
        }
        assert_eq!(player.mode(), Mode::Quiet);
        let delivered = player.timeline().world().inbox(1).map(|inbox| inbox.total);
        assert_eq!(delivered, Some(1), "with {budget} events a frame");
    }
}

#[test]
fn stepping_and_seeking_stop_it() {
    let mut player = player();
    assert!(player.step());
    assert_eq!(player.mode(), Mode::Paused);
    player.play(true);
    player.seek(millis(50));
    assert_eq!((player.mode(), player.timeline().now()), (Mode::Paused, millis(50)));
    assert!(player.step_back());
    assert!(player.timeline().now() < millis(50));
}

#[test]
fn with_another_set_up_everything_is_done_again() {
    let mut player = player();
    frames(&mut player);
    player.command(publish("1", QoS::ExactlyOnce));
    frames(&mut player);
    let now = player.timeline().now();
    let mut scenario = player.timeline().world().scenario().clone();
    scenario.clients[1].version = Version::V311;
    player.replay_with(|scenario| scenario.clients[1].version = Version::V311);
    assert_eq!(player.timeline().now(), now);
    assert_eq!(player.timeline().world().inbox(1).map(|inbox| inbox.total), Some(1));
    assert_eq!(player.timeline().world().scenario(), &scenario);
}

/// A player with a message at QoS 1 that was published at QoS 0 beside it.
fn forked() -> Player {
    let mut player = player();
    frames(&mut player);
    player.command(publish("1", QoS::AtLeastOnce));
    frames(&mut player);
    let mut scenario = player.timeline().world().scenario().clone();
    let Some(Command::Publish(_, publication)) =
        scenario.steps.last_mut().map(|step| &mut step.command)
    else {
        panic!("the last step publishes")
    };
    publication.qos = QoS::AtMostOnce;
    let fork = player.timeline().fork(&scenario);
    player.compare_with(fork);
    player
}

fn moments(player: &Player) -> [Option<Instant>; 2] {
    [Some(player.timeline().now()), player.fork().map(Timeline::now)]
}

#[test]
fn a_fork_is_played_beside_it_and_both_are_at_the_same_moment() {
    let mut player = forked();
    let at = |player: &Player| {
        let [one, other] = moments(player);
        assert_eq!(one, other);
        one.expect("there is a moment")
    };
    let end = at(&player);
    player.seek(millis(130));
    assert_eq!(at(&player), millis(130));
    let mut steps = Vec::new();
    while at(&player) < end && player.step() {
        steps.push(at(&player));
    }
    for expected in steps.iter().rev().skip(1) {
        assert!(player.step_back());
        assert_eq!(at(&player), *expected);
    }
    player.play(true);
    frames(&mut player);
    assert_eq!((at(&player), player.mode()), (end, Mode::Quiet));
    assert!(player.is_quiet());
}

#[test]
fn what_is_done_beside_a_fork_is_done_in_both() {
    let mut player = forked();
    player.command(publish("2", QoS::ExactlyOnce));
    player.replay_with(|scenario| scenario.clients[1].version = Version::V311);
    player.rush();
    frames(&mut player);
    let total = |timeline: &Timeline| timeline.world().inbox(1).map(|inbox| inbox.total);
    assert_eq!(total(player.timeline()), Some(2));
    assert_eq!(player.fork().and_then(total), Some(2));
}

#[test]
fn a_fork_is_kept_or_dropped() {
    for keep in [true, false] {
        let mut player = forked();
        let [original, fork] = [Some(player.timeline()), player.fork()]
            .map(|it| it.map(|it| it.world().trace().to_text()));
        assert_ne!(original, fork);
        if keep {
            player.keep_fork()
        } else {
            player.drop_fork()
        }
        assert!(player.fork().is_none());
        let left = Some(player.timeline().world().trace().to_text());
        assert_eq!(left, if keep { fork } else { original });
    }
}
