#!/usr/bin/env python3
"""Reads and answers the notifications of the stand-in server (python3-dbusmock) on the session bus in the environment.

notifications.py calls               the Notify calls so far, as JSON
notifications.py press ID ACTION     presses a button of the notification with this number; `default` is the click
"""

import json
import sys

import dbus

NAME = "org.freedesktop.Notifications"
MOCK = "org.freedesktop.DBus.Mock"


def main() -> None:
    server = dbus.SessionBus().get_object(NAME, "/org/freedesktop/Notifications")
    if sys.argv[1:] == ["calls"]:
        calls = [args for _time, args in server.GetMethodCalls("Notify", dbus_interface=MOCK)]
        names = ("app", "replaces", "icon", "title", "body", "actions")
        print(json.dumps([dict(zip(names, call)) for call in calls], ensure_ascii=False))
    elif len(sys.argv) == 4 and sys.argv[1] == "press":
        pressed = [dbus.UInt32(int(sys.argv[2])), sys.argv[3]]
        server.EmitSignal(NAME, "ActionInvoked", "us", pressed, dbus_interface=MOCK)
    else:
        sys.exit(__doc__)


main()
