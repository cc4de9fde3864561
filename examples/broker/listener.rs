//! The sockets that listen.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use crate::options::Options;
use crate::sockets::{self, Input, Origins, Stream};

/// Every listening socket. Dropping it stops listening; connections live on.
pub struct Listeners {
    _tasks: JoinSet<()>,
}

impl Listeners {
    /// Opens them all and tells where they are, on standard output.
    pub async fn open(
        options: &Options,
        inbox: mpsc::Sender<(u64, Input)>,
    ) -> io::Result<Listeners> {
        let mut tasks = JoinSet::new();
        let numbers = Arc::new(AtomicU64::new(0));
        let limits = &options.config.limits;
        let most = limits.max_connections.saturating_add(SURPLUS);
        let places = Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS)));
        let tcp = options.tcp.iter().map(|address| (address, false));
        let websocket = options.websocket.iter().map(|address| (address, true));
        for (address, is_websocket) in tcp.chain(websocket) {
            let (listener, address) = bind(address).await?;
            println!("listening on {} {address}", if is_websocket { "websocket" } else { "tcp" });
            let acceptor = Acceptor {
                origins: is_websocket.then(|| options.origins(address.ip())),
                numbers: numbers.clone(),
                places: places.clone(),
                inbox: inbox.clone(),
            };
            tasks.spawn(acceptor.run(listener));
        }
        Ok(Listeners { _tasks: tasks })
    }
}

struct Acceptor {
    /// Whose pages may connect, if it is for WebSockets.
    origins: Option<Origins>,
    /// Numbers the connections of all listeners.
    numbers: Arc<AtomicU64>,
    /// One for each connection that may exist.
    places: Arc<Semaphore>,
    inbox: mpsc::Sender<(u64, Input)>,
}

impl Acceptor {
    async fn run(self, listener: TcpListener) {
        // Nobody closes the semaphore.
        while let Ok(place) = self.places.clone().acquire_owned().await {
            // Nobody new while the run loop has more to do than it can take.
            let Ok(_room) = self.inbox.reserve().await else { return };
            match listener.accept().await {
                Ok((stream, _)) => {
                    let number = self.numbers.fetch_add(1, Ordering::Relaxed);
                    let (origins, inbox) = (self.origins.clone(), self.inbox.clone());
                    tokio::spawn(async move {
                        let opening = Stream::accept(stream, origins.as_ref());
                        sockets::run(number, opening, inbox).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    // Most likely there are too many open files.
                    eprintln!("broker: {error}");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}

async fn bind(address: &str) -> io::Result<(TcpListener, SocketAddr)> {
    let bound = async {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    bound
        .await
        .map_err(|error: io::Error| io::Error::new(error.kind(), format!("{address}: {error}")))
}

/// Connections above the broker's own limit, so that it can tell them why they
/// are refused. Beyond these, connections wait to be accepted.
const SURPLUS: usize = 64;

/// After an error of accept.
const PAUSE: Duration = Duration::from_millis(100);
