use tests_support::{Reply, Server};

use super::*;
use crate::testing::{Asked as _, imds, ok};

mod absent;
mod callers;
mod limits;
mod paths;
mod places;
mod refused_token;
mod retrying;
mod settings;
mod token;
mod version_1;

const ID: &str = "/latest/meta-data/instance-id";

fn client(server: &Server) -> InstanceMetadataClient {
    server.provider().client().clone()
}

async fn knowing_its_id(
    mut special: impl FnMut(&tests_support::Received, usize) -> Option<Reply> + Send + 'static,
) -> Server {
    imds(move |request, count| {
        special(request, count).or_else(|| (request.target == ID).then(|| ok("i-0abc")))
    })
    .await
}
