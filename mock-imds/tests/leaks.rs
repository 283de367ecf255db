//! Alone in its process, so that threads and open files can be counted.

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::time::Duration;

    use mock_imds::{Fault, MockImds, Step, TokenMode};

    fn entries(folder: &str) -> usize {
        std::fs::read_dir(folder).map_or(0, Iterator::count)
    }

    #[test]
    fn three_hundred_servers_leave_no_thread_file_or_connection() {
        // The first server opens what all of them share, for signals.
        drop(MockImds::builder().start_blocking());
        let before = (entries("/proc/self/task"), entries("/proc/self/fd"));
        for round in 0..300 {
            let mock = MockImds::builder()
                .tokens(TokenMode::Optional)
                .fault(Step::Metadata, Fault::never_answer())
                .start_blocking();
            let mut stalled = TcpStream::connect(("127.0.0.1", mock.port())).unwrap();
            stalled.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            stalled.write_all(b"GET /latest/ HTTP/1.1\r\n\r\n").unwrap();
            drop(mock);
            let end = stalled.read(&mut [0; 1]);
            assert!(!matches!(end, Ok(1)), "round {round}: {end:?}");
        }
        assert_eq!((entries("/proc/self/task"), entries("/proc/self/fd")), before);
    }
}
