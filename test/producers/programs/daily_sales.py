"""The sales of a day, as a pipeline of Airflow: orders come as a file, are loaded, summed and ranked; then the books do not
balance, for what nobody ordered is less than nothing.

Airflow finds it in its folder of DAGs, the shop is its connection of that name, and ARRIVED_ORDERS says where orders come.
"""

import os

from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
from airflow.providers.postgres.hooks.postgres import PostgresHook
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG, Asset

ARRIVED = os.environ["ARRIVED_ORDERS"]


def load():
    shop = PostgresHook("shop")
    shop.copy_expert("copy arrived from stdin with csv header", ARRIVED)
    shop.run("insert into orders (id, customer_id, amount) select id, customer_id, amount from arrived")


with DAG(
    dag_id="daily_sales",
    description="Sums what each customer ordered",
    schedule=None,
    default_args={"owner": "sales-data"},
    tags=["sales"],
):
    fetch_orders = BashOperator(
        task_id="fetch_orders",
        bash_command=f"printf 'id,customer_id,amount\\n1,1,10.5\\n2,2,7.25\\n3,1,3.0\\n' > '{ARRIVED}'",
        outlets=[Asset(f"file://{ARRIVED}")],
    )
    load_orders = PythonOperator(task_id="load_orders", python_callable=load)
    sum_orders = SQLExecuteQueryOperator(
        task_id="sum_orders",
        conn_id="shop",
        sql="""
            insert into sales (customer, country, total)
            select c.name as customer, c.country as country, sum(o.amount) as total
            from orders o join customers c on c.id = o.customer_id
            group by c.name, c.country
        """,
    )
    rank_customers = SQLExecuteQueryOperator(
        task_id="rank_customers",
        conn_id="shop",
        sql=[
            "drop table if exists best_customer",
            "create table best_customer as select customer, total from sales order by total desc limit 1",
        ],
    )
    close_books = SQLExecuteQueryOperator(
        task_id="close_books",
        conn_id="shop",
        sql="insert into sales (customer, total) select 'nobody' as customer, -sum(amount) as total from orders",
    )
    fetch_orders >> load_orders >> sum_orders >> rank_customers >> close_books
