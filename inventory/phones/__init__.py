"""Serial units: phone handsets by IMEI and SIMs by ICCID, each belonging to a lot."""
