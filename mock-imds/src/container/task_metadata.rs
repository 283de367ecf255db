use serde_json::{Value, json};

use crate::answer::Answer;
use crate::clock::rfc3339_milliseconds;
use crate::digest::sha256_hex;
use crate::request::Request;
use crate::settings::Task;
use crate::state::Shared;

/// What the ECS agent tells of container and task: enough for a program that looks where it runs.
///
/// AWS: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html>
pub(crate) fn answer(shared: &Shared, request: &Request, segments: &[&str]) -> Answer {
    if !request.is_read() {
        return Answer::new(405, "text/plain", "method not allowed").header("allow", "GET, HEAD");
    }
    let [version, id, rest @ ..] = segments else {
        return not_found();
    };
    let task = shared
        .settings
        .task_of(id)
        .filter(|_| shared.settings.task_metadata);
    let is_latest = *version == "v4";
    let document = match (task, rest) {
        (Some(task), []) => container(shared, task, is_latest),
        (Some(task), ["task"]) => self::task(shared, task, is_latest),
        _ => return not_found(),
    };
    Answer::new(200, "application/json", document.to_string())
}

fn not_found() -> Answer {
    Answer::new(404, "text/plain", "404 page not found")
}

fn container(shared: &Shared, task: &Task, is_latest: bool) -> Value {
    let started = rfc3339_milliseconds(shared.started);
    let mut document = json!({
        "DockerId": sha256_hex(&task.id),
        "Name": "mock-container",
        "DockerName": "ecs-mock-task-1-mock-container",
        "Image": "mock/image:latest",
        "ImageID": format!("sha256:{}", sha256_hex("mock/image")),
        "Labels": {
            "com.amazonaws.ecs.cluster": CLUSTER,
            "com.amazonaws.ecs.container-name": "mock-container",
            "com.amazonaws.ecs.task-arn": arn(shared, "task", task),
            "com.amazonaws.ecs.task-definition-family": FAMILY,
            "com.amazonaws.ecs.task-definition-version": "1",
        },
        "DesiredStatus": "RUNNING",
        "KnownStatus": "RUNNING",
        "Limits": {"CPU": 256, "Memory": 512},
        "CreatedAt": started,
        "StartedAt": started,
        "Type": "NORMAL",
        "Networks": [{"NetworkMode": "awsvpc", "IPv4Addresses": ["10.0.1.10"]}],
    });
    if is_latest && let Some(members) = document.as_object_mut() {
        members.insert("ContainerARN".to_owned(), arn(shared, "container", task).into());
    }
    document
}

fn task(shared: &Shared, task: &Task, is_latest: bool) -> Value {
    let mut document = json!({
        "Cluster": CLUSTER,
        "TaskARN": arn(shared, "task", task),
        "Family": FAMILY,
        "Revision": "1",
        "DesiredStatus": "RUNNING",
        "KnownStatus": "RUNNING",
        "AvailabilityZone": format!("{}a", shared.settings.region),
        "Containers": [container(shared, task, is_latest)],
    });
    if is_latest && let Some(members) = document.as_object_mut() {
        members.insert("LaunchType".to_owned(), "EC2".into());
    }
    document
}

const CLUSTER: &str = "mock-cluster";
const FAMILY: &str = "mock-task";

fn arn(shared: &Shared, kind: &str, task: &Task) -> String {
    let settings = &shared.settings;
    let (partition, region, account) = (settings.partition(), &settings.region, &settings.account);
    let id = task.id.replace('-', "");
    format!("arn:{partition}:ecs:{region}:{account}:{kind}/{CLUSTER}/{id}")
}
