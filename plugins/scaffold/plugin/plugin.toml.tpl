slug = "__slug__"
name = { zh = "__zh__", en = "__en__" }
description = { zh = "本单位的简短通知。", en = "Short notes of an organisation." }
version = "0.1.0"
sdk = ">=1.0,<2"
scope = "site"
author = "__author__"
licence = "Apache-2.0"
