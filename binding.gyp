{ "includes": ["native/signalbox.gypi"] }
