//! One signed call to EC2, whose answer is read.

use std::error::Error;

use credential_chain::http::{HttpClient, Request, Url};
use credential_chain::sigv4::{SignableRequest, Signer, form_encode};
use credential_chain::{Clock, ProvideAwsCredentials, SystemClock};

const FORM: &str = "application/x-www-form-urlencoded";

pub async fn describe_spot_instance_requests(
    endpoint: &str,
    region: &str,
    provider: &dyn ProvideAwsCredentials,
) -> Result<Vec<String>, Box<dyn Error>> {
    let url = Url::parse(endpoint)?;
    let body = form_encode(&[
        ("Action", "DescribeSpotInstanceRequests"),
        ("Version", "2016-11-15"),
    ]);
    let headers = [("host", &*url.authority()), ("content-type", FORM)];
    let unsigned = SignableRequest {
        method: "POST",
        path: url.path(),
        query: "",
        headers: &headers,
        body: body.as_bytes(),
    };
    let credentials = provider.credentials().await?;
    let signed = Signer::new("ec2", region).sign(&unsigned, &credentials, SystemClock.now())?;

    let mut request = Request::post(url)
        .with_header("content-type", FORM)
        .with_body(body.into_bytes());
    for header in signed.headers() {
        request = request.with_secret_header(header.name(), header.value());
    }
    let response = HttpClient::new().send(&request).await?;
    let text = std::str::from_utf8(response.body())?;
    if response.status() != 200 {
        return Err(format!("EC2 refused with status {}: {text}", response.status()).into());
    }
    read(text)
}

fn read(answer: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let document = roxmltree::Document::parse(answer)?;
    let items = document.descendants().filter(|node| node.has_tag_name("item"));
    let requests = items.filter_map(|item| {
        let field = |name: &str| item.children().find(|child| child.has_tag_name(name))?.text();
        let (id, state) = (field("spotInstanceRequestId")?, field("state")?);
        let instance = field("instanceId").unwrap_or("none yet");
        Some(format!("{id} is {state}, instance {instance}"))
    });
    Ok(requests.collect())
}
