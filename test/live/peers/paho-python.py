# What paho-mqtt does in a conversation of the usual kind: python3 paho-python.py PORT VERSION [CA]
import socket
import sys
import time

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

PORT, VERSION = int(sys.argv[1]), sys.argv[2]
CA = sys.argv[3] if len(sys.argv) > 3 else ""
IS_FIVE = VERSION == "5.0"
BURST = 40
clients = []


def until(what, holds, seconds=12):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise RuntimeError(f"waited in vain for {what}")
        time.sleep(0.01)


def properties(packet, **values):
    made = Properties(packet)
    for name, value in values.items():
        setattr(made, name, value)
    return made


def connected(name, clean=True, keepalive=60, will=None, **values):
    if IS_FIVE:
        client = mqtt.Client(name, protocol=mqtt.MQTTv5)
    else:
        client = mqtt.Client(name, clean_session=clean, protocol=mqtt.MQTTv311)
    client.heard, client.joined, client.granted = [], [], []
    client.on_message = lambda c, data, message: client.heard.append(message)
    client.on_connect = lambda *arguments: client.joined.append(True)
    client.on_subscribe = lambda *arguments: client.granted.append(True)
    client.on_unsubscribe = lambda *arguments: client.granted.append(True)
    if CA:
        client.tls_set(CA)
    if will:
        client.will_set(will, "gone", qos=1)
    connect(client, clean, keepalive, values)
    client.loop_start()
    clients.append(client)
    until("CONNACK", lambda: client.joined)
    return client


def connect(client, clean, keepalive, values):
    if IS_FIVE:
        wanted = properties(PacketTypes.CONNECT, **values)
        client.connect("localhost", PORT, keepalive, clean_start=clean, properties=wanted)
    else:
        client.connect("localhost", PORT, keepalive)


def subscribe(client, *filters):
    before = len(client.granted)
    client.subscribe([(name, SubscribeOptions(qos)) if IS_FIVE else (name, qos) for name, qos in filters])
    until("SUBACK", lambda: len(client.granted) > before)


def publish(client, topic, payload, qos, **choice):
    client.publish(topic, payload, qos, **choice).wait_for_publish(12)


def end(*ended):
    for client in ended:
        client.disconnect()
        client.loop_stop()


def cut(client):
    """The connection breaks without a word."""
    client.loop_stop()
    client.socket().shutdown(socket.SHUT_RDWR)
    client.socket().close()


def every_quality():
    subscriber = connected("py-sub")
    subscribe(subscriber, ("q/0", 0), ("q/1", 1), ("q/2", 2))
    publisher = connected("py-pub")
    for qos in range(3):
        for count in range(5):
            publish(publisher, f"q/{qos}", f"message {count}", qos)
    until("all of them", lambda: len(subscriber.heard) == 15)
    subscriber.unsubscribe(["q/0", "q/1"])
    until("UNSUBACK", lambda: len(subscriber.granted) == 2)
    end(publisher, subscriber)


def burst():
    """More at once than the server has said that it takes."""
    values = {"ReceiveMaximum": 3} if IS_FIVE else {}
    subscriber = connected("py-slow", **values)
    subscribe(subscriber, ("burst/#", 2))
    publisher = connected("py-burst")
    publisher.max_inflight_messages_set(BURST)
    sent = [publisher.publish(f"burst/{count}", "x", 1 + count % 2) for count in range(BURST)]
    until_or_not(lambda: all(one.is_published() for one in sent))
    time.sleep(0.5)
    end(publisher, subscriber)


def until_or_not(holds):
    try:
        until("it", holds, 4)
    except RuntimeError:
        pass


def retained():
    publisher = connected("py-retain")
    publish(publisher, "kept/a", "kept", 1, retain=True)
    subscriber = connected("py-late")
    subscribe(subscriber, ("kept/+", 1))
    until("the retained message", lambda: len(subscriber.heard) == 1)
    publish(publisher, "kept/a", "", 1, retain=True)
    until("its end", lambda: len(subscriber.heard) == 2)
    end(publisher, subscriber)


def will():
    subscriber = connected("py-heir")
    subscribe(subscriber, ("will/#", 2))
    cut(connected("py-mortal", will="will/py"))
    until("the will", lambda: len(subscriber.heard) == 1)
    end(connected("py-polite", will="will/none"))
    time.sleep(0.2)
    end(subscriber)


def session():
    values = {"SessionExpiryInterval": 60} if IS_FIVE else {}
    first = connected("py-keeper", clean=False, **values)
    subscribe(first, ("session/#", 2))
    cut(first)
    publisher = connected("py-writer")
    for qos in (1, 2, 1, 2):
        publish(publisher, "session/a", "while away", qos)
    second = connected("py-keeper", clean=False, **values)
    until("what came meanwhile", lambda: len(second.heard) == 4)
    end(second)
    # Some of these wait for their acknowledgement when the connection breaks, and are sent again by the same client object.
    broken = connected("py-broken", clean=False, **values)
    sent = [broken.publish("lost/a", str(count), 1 + count % 2) for count in range(10)]
    broken.socket().shutdown(socket.SHUT_RDWR)
    until_or_not(lambda: all(one.is_published() for one in sent))
    end(broken, publisher)


def keep_alive():
    idle = connected("py-idle", keepalive=4)
    time.sleep(9)
    end(idle)


def five():
    subscriber = connected("py-five", TopicAliasMaximum=5)
    identifier = properties(PacketTypes.SUBSCRIBE, SubscriptionIdentifier=7)
    subscriber.subscribe("five/#", options=SubscribeOptions(1, retainAsPublished=True), properties=identifier)
    until("SUBACK", lambda: len(subscriber.granted) == 1)
    subscribe(subscriber, ("$share/group/five/shared", 1))
    publisher = connected("py-alias")
    details = {"ContentType": "text/plain", "PayloadFormatIndicator": 1, "MessageExpiryInterval": 60}
    request = {"ResponseTopic": "five/answer", "CorrelationData": b"1", "UserProperty": [("a", "1"), ("a", "2")]}
    for count in range(6):
        # An alias once given stands for the topic.
        topic = "five/a" if count == 0 else ""
        made = properties(PacketTypes.PUBLISH, TopicAlias=1, **details, **request)
        publish(publisher, topic, "x", 1, properties=made)
    publish(publisher, "five/shared", "x", 2)
    until("all of them", lambda: len(subscriber.heard) >= 7)
    publisher.disconnect(reasoncode=mqtt.ReasonCodes(PacketTypes.DISCONNECT, "Disconnect with will message"))
    publisher.loop_stop()
    end(subscriber)


failed = False
for step in [every_quality, burst, retained, will, session, keep_alive] + ([five] if IS_FIVE else []):
    try:
        step()
    except Exception as error:
        print(f"{step.__name__}: {error!r}", file=sys.stderr)
        failed = True
    for client in clients:
        client.loop_stop()
    clients.clear()
sys.exit(failed)
