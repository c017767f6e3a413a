use std::time::{Duration, Instant};

use mesh_identity::Svid;
use mesh_xds::proto::operator::SignRequest;
use tonic::Code;

use super::call::{Call, key_and_request};
use super::harness::{CLIENT, HELLO, Operator, PATIENCE};

fn request(token: &str) -> SignRequest {
    SignRequest {
        csr_der: key_and_request().1.into(),
        token: token.to_owned(),
    }
}

#[tokio::test]
async fn the_operator_proves_itself_before_a_token_is_said() {
    let operator = Operator::start().await;
    let call = Call::connect(operator.address, None).await.unwrap();
    let id = Svid::from_der(&call.server[0]).unwrap().id;
    assert_eq!(
        id.to_string(),
        "spiffe://shop.example/ns/meshwright/sa/operator"
    );
    let root = mesh_xds::hash(call.server.last().unwrap()).to_string();
    assert!(operator.token(CLIENT).ends_with(&root));
}

#[tokio::test]
async fn a_token_used_by_many_connections_at_once_lets_exactly_one_in() {
    let operator = Operator::start().await;
    for _ in 0..3 {
        let token = operator.token(CLIENT);
        let calls = (0..16).map(|_| {
            let (address, token) = (operator.address, token.clone());
            tokio::spawn(async move {
                let call = Call::connect(address, None).await.unwrap();
                call.sign(request(&token)).await
            })
        });
        let (mut signed, mut refused) = (0, 0);
        for call in calls.collect::<Vec<_>>() {
            match call.await.unwrap() {
                Ok(_) => signed += 1,
                Err(status) => {
                    assert_eq!(status.code(), Code::Unauthenticated);
                    refused += 1;
                }
            }
        }
        assert_eq!((signed, refused), (1, 15));
    }
}

#[tokio::test]
async fn a_bad_request_does_not_use_a_token_up() {
    let operator = Operator::start().await;
    let token = operator.token(CLIENT);
    let call = Call::connect(operator.address, None).await.unwrap();
    let bad = SignRequest {
        csr_der: vec![1, 2, 3].into(),
        token: token.clone(),
    };
    let refused = call.sign(bad).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(call.sign_with_token(&token).await.is_ok());
}

#[tokio::test]
async fn neither_token_nor_certificate_is_nothing() {
    let operator = Operator::start().await;
    let call = Call::connect(operator.address, None).await.unwrap();
    let refused = call.sign(request("")).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
}

#[tokio::test]
async fn a_certificate_is_renewed_for_the_same_identity_while_the_plan_knows_it() {
    let operator = Operator::start().await;
    let credentials = operator.join(HELLO).await;
    let call = Call::connect(operator.address, Some(&credentials))
        .await
        .unwrap();
    let renewed = call.sign(request("")).await.unwrap();
    let id = |der: &[u8]| Svid::from_der(der).unwrap().id;
    assert_eq!(id(&renewed.chain_der[0]), id(&credentials.chain[0]));
    assert_eq!(renewed.trust_domain, "shop.example");
    assert_eq!(
        renewed.roots_der,
        operator.ca.roots().unwrap().roots,
        "what it is verified against"
    );
    operator.without_hello();
    let refused = call.sign(request("")).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_connection_ends_with_the_certificate_that_it_began_with() {
    let operator = Operator::start().await;
    let credentials = operator.ending_soon(HELLO, Duration::from_secs(2));
    let call = Call::connect(operator.address, Some(&credentials))
        .await
        .unwrap();
    call.sign(request("")).await.unwrap();
    let deadline = Instant::now() + PATIENCE;
    while call.sign(request("")).await.is_ok() {
        assert!(Instant::now() < deadline, "an ended certificate is renewed");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn one_address_cannot_keep_the_operator_busy() {
    let operator = Operator::start().await;
    let call = Call::connect(operator.address, None).await.unwrap();
    let mut limited = false;
    for _ in 0..400 {
        let refused = call.sign(SignRequest::default()).await.unwrap_err();
        limited |= refused.code() == Code::ResourceExhausted;
    }
    assert!(limited);
}
