"""A small pipeline of Spark: it reads orders, sums them by customer, and writes the sums.

Called with a folder that holds orders.csv. Where to report, Spark is told by its settings.
"""

import sys

from pyspark.sql import SparkSession
from pyspark.sql.functions import sum as total_of

folder = sys.argv[1]
spark = SparkSession.builder.getOrCreate()
orders = spark.read.option("header", True).option("inferSchema", True).csv(f"{folder}/orders.csv")
sums = orders.groupBy("customer").agg(total_of("amount").alias("total"))
sums.write.mode("overwrite").parquet(f"{folder}/sums")
spark.stop()
