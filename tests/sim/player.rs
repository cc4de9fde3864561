//! Playing: time goes on in proportion to real time, and stops when nothing is
//! left to happen.

use std::time::Duration;

use fourstep::codec::{QoS, Version};
use fourstep::sim::{Mode, Player};

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
    player.replay_with(&scenario);
    assert_eq!(player.timeline().now(), now);
    assert_eq!(player.timeline().world().inbox(1).map(|inbox| inbox.total), Some(1));
    assert_eq!(player.timeline().world().scenario(), &scenario);
}
